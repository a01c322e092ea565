import type { EngineChannel } from '../../../src-main/app/engines/engine-host';

/** An engine process that does what the test says. */
export class FakeChannel implements EngineChannel {
  readonly posted: unknown[] = [];
  killed = 0;
  say: (message: unknown) => void = () => undefined;
  exit: (reason: string) => void = () => undefined;

  post(command: unknown): void {
    this.posted.push(command);
  }
  onMessage(listener: (message: unknown) => void): void {
    this.say = listener;
  }
  onExit(listener: (reason: string) => void): void {
    this.exit = listener;
  }
  kill(): void {
    this.killed++;
  }
}
