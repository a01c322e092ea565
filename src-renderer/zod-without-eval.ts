import { config } from 'zod';

// zod compiles parsers with `new Function` where it may; our CSP forbids it, and the attempt alone is reported as a
// violation. Must be imported before any schema is made.
config({ jitless: true });
