/**
 * Replaces the native package `@vscode/spdlog`, which needs a compiler to install and without which output channels stay
 * empty. Log files are not rotated, because the folder is temporary.
 */
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

let threshold = 2;

class Logger {
  #file;
  #plain = false;

  constructor(_type, _name, file) {
    mkdirSync(dirname(file), { recursive: true });
    this.#file = file;
  }

  #write(level, word, message) {
    if (level < threshold) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    appendFileSync(this.#file, this.#plain ? message : `${time} [${word}] ${message}\n`);
  }

  trace = (message) => this.#write(0, 'trace', message);
  debug = (message) => this.#write(1, 'debug', message);
  info = (message) => this.#write(2, 'info', message);
  warn = (message) => this.#write(3, 'warning', message);
  error = (message) => this.#write(4, 'error', message);
  critical = (message) => this.#write(5, 'critical', message);
  getLevel = () => threshold;
  setLevel = (level) => {
    threshold = level;
  };
  setPattern() {}
  clearFormatters() {
    this.#plain = true;
  }
  flush() {}
  drop() {}
}

const create = async (name, file) => new Logger('rotating', name, file);

// Assigned one by one, because Node detects the names of CommonJS exports only in this form.
exports.version = 0;
exports.Logger = Logger;
exports.setFlushOn = () => {};
exports.setLevel = (level) => {
  threshold = level;
};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
