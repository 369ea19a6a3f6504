import { pesterTests } from '#tests/support/pester.ts';

await pesterTests('6', 'Quality');
