/** A program that knows nothing of telemetry: an http server that answers its own client. */
const http = require('node:http');

const server = http.createServer((request, response) => {
  response.statusCode = request.url === '/broken' ? 500 : 200;
  response.end('ok');
});
const get = (port, path) =>
  new Promise((done) => {
    http.get({ host: '127.0.0.1', port, path }, (response) => response.resume().on('end', done));
  });
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (let visit = 0; visit < 20; visit++) await get(port, visit % 5 === 0 ? '/broken' : '/');
  server.close();
  console.log('served');
  // The batch under way leaves 200 ms later.
  setTimeout(() => process.exit(0), 1000);
});
