// The chat server's side: it reads who it is from the upgrade request, and nothing else. Start stand-alone.ts in front of it.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer((_req, res) => res.end('a chat server'));
const sockets = new WebSocketServer({ server });

sockets.on('connection', (socket, req) => {
  const header = (name: string): string => decodeURIComponent(String(req.headers[name] ?? ''));
  const variables = JSON.parse(String(req.headers['x-secure-chat-variables'] ?? '[]')) as {
    description?: string;
    value: string;
  }[];
  const who = header('x-secure-chat-nickname') || 'an unverified visitor';
  const facts = variables.map(({ description, value }) => `${description ?? ''}: ${value}`).join(', ');
  socket.send(`agent sees ${who} (${facts})`);
  socket.on('message', (text: Buffer) => {
    socket.send(`${who}: ${text.toString()}`);
  });
});

server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1');
