import { endWithCommand } from './app/cli/end-with-command';
import { runCommandLine } from './app/cli/main';
import { endWithReader } from './app/cli/output';
import { forkEngine } from './app/engines/fork-engine';

endWithReader();
endWithCommand(process.env['SAMPO_COMMAND']);
void runCommandLine(process.argv.slice(2), forkEngine()).then((code) => {
  process.exitCode = code;
});
