import { join } from 'node:path';
import { writeFiles } from '../pack/files.ts';
import { ROOT } from '../pack/root.ts';
import { policyDefinitions } from './definitions.ts';

// Where the module has them, and with it everybody who has that.
await writeFiles(join(ROOT, 'ps-module', 'PolicyDefinitions'), policyDefinitions(), new Date());
