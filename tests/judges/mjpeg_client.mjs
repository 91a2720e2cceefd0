#!/usr/bin/env node
// npm's mjpeg-consumer on a stream of pictures: cuts it by Content-Length and ends after COUNT.
//
// usage: mjpeg_client.mjs URL COUNT
import { get } from 'node:http';
import MjpegConsumer from 'mjpeg-consumer';

const [url, count] = process.argv.slice(2);
const sizes = [];
const request = get(url, (answer) => {
  const consumer = new MjpegConsumer();
  consumer.on('data', (picture) => {
    const whole = picture[0] === 0xff && picture[1] === 0xd8 && picture.at(-2) === 0xff && picture.at(-1) === 0xd9;
    sizes.push(whole ? picture.length : 'not whole');
    if (sizes.length < Number(count)) return;
    console.log(`${sizes.length} pictures: ${sizes.join(', ')} bytes`);
    request.destroy();
    process.exit(sizes.includes('not whole') ? 1 : 0);
  });
  answer.pipe(consumer);
});
