/** A program without instrumentation: an HTTP server and its client. */
const http = require('node:http');

const server = http.createServer((request, response) => {
  response.statusCode = request.url === '/broken' ? 500 : 200;
  response.end('ok');
});
const get = (port, path) =>
  new Promise((resolve) => {
    http.get({ host: '127.0.0.1', port, path }, (response) => response.resume().on('end', resolve));
  });
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (let count = 0; count < 20; count++) await get(port, count % 5 === 0 ? '/broken' : '/');
  server.close();
  console.log('served');
  // Wait for the current batch, which is sent after 200 ms.
  setTimeout(() => process.exit(0), 1000);
});
