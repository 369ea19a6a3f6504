import { pesterTests } from '#tests/support/pester.ts';

await pesterTests('5', 'Quality');
