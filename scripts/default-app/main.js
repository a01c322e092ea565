// Stands in for Electron's own default_app.asar, which the Cypress build lacks: `electron [switches] [-r module] <app folder>`.
// Playwright relies on -r, which must run before the app's first line.
const { app } = require('electron');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

function parse(argv) {
  const modules = [];
  for (let k = 0; k < argv.length; k++) {
    const arg = argv[k];
    if (arg === '-r' || arg === '--require') modules.push(argv[++k]);
    else if (arg.startsWith('--require=')) modules.push(arg.slice('--require='.length));
    else if (!arg.startsWith('-')) return { modules, file: arg };
  }
  return { modules, file: undefined };
}

const { modules, file } = parse(process.argv.slice(1));
if (modules.length > 0) Module._preloadModules(modules);
if (!file) {
  console.error(`Electron ${process.versions.electron}: name the folder of an app`);
  process.exit(1);
}
process.defaultApp = true;
const packagePath = path.resolve(file);
const packageJson = path.join(packagePath, 'package.json');
if (fs.existsSync(packageJson)) {
  const about = JSON.parse(fs.readFileSync(packageJson, 'utf8'));
  if (about.version) app.setVersion(about.version);
  app.setName(about.productName ?? about.name ?? 'Electron');
  app.setPath('userData', path.join(app.getPath('appData'), app.getName()));
  app.setAppPath(packagePath);
}
Module._load(Module._resolveFilename(packagePath, null, true), null, true);
