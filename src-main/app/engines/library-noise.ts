/** What libtensorflow prints at every start, whatever its log level; it says nothing about how a process ended. */
export const isLibraryNoise = (line: string): boolean => /^WARNING: All log messages before absl|^[IW]0000 /.test(line);
