import { startApp } from './app/electron/start';

startApp();
