import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sampleTree, treeOf } from '../../src/node/tree.ts';

describe('process tree', () => {
  it('sees children of children, with their memory and processor time', async () => {
    const burn = 'const until=Date.now()+400;while(Date.now()<until);process.send("burnt");setInterval(()=>{},1000)';
    const inner = `require('node:child_process').fork('-e',[${JSON.stringify(burn)}],{execArgv:['-e',${JSON.stringify(burn)}]}).on('message',m=>process.send(m))`;
    const child = spawn(process.execPath, ['-e', inner], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    try {
      await once(child, 'message');
      const tree = await treeOf(child.pid as number);
      assert.equal(tree.length, 2);
      const sample = await sampleTree(child.pid as number);
      assert.equal(sample?.processes, 2);
      assert.ok((sample?.rssBytes ?? 0) > 40e6, `${sample?.rssBytes}`);
      assert.ok((sample?.cpuNs ?? 0) > 150e6, `${sample?.cpuNs}`);
    } finally {
      for (const pid of (await treeOf(child.pid as number)).toReversed()) process.kill(pid, 'SIGKILL');
      await once(child, 'exit');
    }
    assert.equal(await sampleTree(child.pid as number), undefined);
  });

  it('agrees with what the system tells a process of itself', async () => {
    const sample = await sampleTree(process.pid);
    const own = process.memoryUsage.rss();
    assert.ok(sample && Math.abs(sample.rssBytes - own) / own < 0.5);
  });
});
