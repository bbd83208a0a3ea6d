// An application with an exact, known capacity of slots ÷ service time; it computes nothing.
// node backend.js --port P --service-ms S [--slots N] [--queue Q]   (a request beyond N + Q is reset)
// Slots are virtual servers with ideal finish times: a late timer does not lower the capacity.
'use strict';
const http = require('http');
const number = (name, fallback) => {
  const at = process.argv.indexOf('--' + name);
  return at < 0 ? fallback : +process.argv[at + 1];
};
const port = number('port'), service = number('service-ms', 20);
const slots = number('slots', Infinity), queue = number('queue', 0);
const free = Number.isFinite(slots) ? new Array(slots).fill(0) : null;
let present = 0;
const server = http.createServer((request, answer) => {
  if (present >= slots + queue) { request.socket.resetAndDestroy(); return; }
  present++;
  const now = performance.now();
  let done = now + service;
  if (free) {
    let earliest = 0;
    for (let i = 1; i < free.length; i++) if (free[i] < free[earliest]) earliest = i;
    done = Math.max(now, free[earliest]) + service;
    free[earliest] = done;
  }
  setTimeout(() => {
    present--;
    answer.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '3' });
    answer.end('ok\n');
  }, Math.max(0, done - performance.now()));
});
server.keepAliveTimeout = 60000;
server.listen(port, '127.0.0.1', 511);
