import { startEngine } from './engine/jobs/engine-process';

startEngine();
