import process from 'node:process';
import { pathToFileURL } from 'node:url';
import express from 'express';

/** The gateway as middleware of an Express app that does nothing else. */
const { port, dist, options } = JSON.parse(process.env.BENCH_SETTINGS);
// a profile is written at an orderly end only
process.once('SIGTERM', () => process.exit(0));
const { secureChat } = await import(pathToFileURL(`${dist}/index.js`).href);
const chat = secureChat(options);
express().disable('x-powered-by').use(chat).listen(port, '127.0.0.1').on('upgrade', chat.upgrade);
