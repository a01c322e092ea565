import { expect, it } from 'vitest';
import { isLibraryNoise } from '../../../../../src-main/app/engines/library-noise';

it('is what every start prints, and no error', () => {
  expect(isLibraryNoise('WARNING: All log messages before absl::InitializeLog() is called are written to STDERR')).toBe(
    true,
  );
  expect(isLibraryNoise('I0000 00:00:1795511508.971320   11947 port.cc:153] oneDNN custom operations are on.')).toBe(
    true,
  );
  expect(isLibraryNoise('F0000 00:00:1795511508.971320   11947 tensor.cc:1] Check failed: IsAligned()')).toBe(false);
  expect(isLibraryNoise('std::bad_alloc')).toBe(false);
});
