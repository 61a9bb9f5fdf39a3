import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { listTree } from '../../../src/process/process-tree.ts';
import { sampleTree } from '../../../src/process/usage/sample-tree.ts';

describe('sampleTree', () => {
  it('measures the memory and CPU time of all descendants', async () => {
    const burn = 'const until=Date.now()+400;while(Date.now()<until);process.send("burnt");setInterval(()=>{},1000)';
    const inner = `require('node:child_process').fork('-e',[${JSON.stringify(burn)}],{execArgv:['-e',${JSON.stringify(burn)}]}).on('message',m=>process.send(m))`;
    const child = spawn(process.execPath, ['-e', inner], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    try {
      await once(child, 'message');
      const tree = await listTree(child.pid as number);
      assert.equal(tree.length, 2);
      const sample = await sampleTree(child.pid as number);
      assert.equal(sample?.processes, 2);
      assert.ok((sample?.rssBytes ?? 0) > 40e6, `${sample?.rssBytes}`);
      assert.ok((sample?.cpuNs ?? 0) > 150e6, `${sample?.cpuNs}`);
    } finally {
      for (const pid of (await listTree(child.pid as number)).toReversed()) process.kill(pid, 'SIGKILL');
      await once(child, 'exit');
    }
    assert.equal(await sampleTree(child.pid as number), undefined);
  });

  it('measures about the memory that a process measures of itself', async () => {
    const sample = await sampleTree(process.pid);
    const expectedBytes = process.memoryUsage.rss();
    assert.ok(sample && Math.abs(sample.rssBytes - expectedBytes) / expectedBytes < 0.5);
  });

  it('counts threads, and the traffic of descendants that have ended', async function () {
    if (process.platform !== 'linux') this.skip();
    const copy =
      "const {writeFileSync}=require('node:fs');for(let i=0;i<20;i++)writeFileSync('/dev/null',Buffer.alloc(1e6))";
    const outer = `const {execFileSync}=require('node:child_process');execFileSync(process.execPath,['-e',${JSON.stringify(copy)}]);new (require('node:worker_threads').Worker)('setInterval(()=>{},1000)',{eval:true}).on('online',()=>process.send('done'))`;
    const child = spawn(process.execPath, ['-e', outer], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    try {
      await once(child, 'message');
      const { threads = 0, readBytes = 0, writtenBytes = 0 } = (await sampleTree(child.pid as number)) ?? {};
      const expected = readdirSync(`/proc/${child.pid}/task`).length;
      assert.equal(threads, expected);
      assert.ok(writtenBytes >= 20e6 && writtenBytes < 21e6, `${writtenBytes} written`);
      assert.ok(readBytes > 0);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
});
