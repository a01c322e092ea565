import { runCommandLine } from './app/cli/main';
import { forkEngine } from './app/fork-engine';

void runCommandLine(process.argv.slice(2), forkEngine()).then((code) => {
  process.exitCode = code;
});
