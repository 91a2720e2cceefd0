/** Films of one picture, as the service makes them of key frames. */
import { execFileSync } from 'node:child_process';

const options = [
  '-v error -f lavfi -i color=c=COLOUR:s=640x360:r=1:d=1 -frames:v 1',
  '-c:v libx264 -profile:v baseline -pix_fmt yuv420p',
  '-movflags frag_keyframe+empty_moov+default_base_moof -f mp4 pipe:1',
].join(' ');

/** A JPEG as a camera without video sends it. */
export const jpegOf = (colour: string): Buffer =>
  execFileSync('ffmpeg', `-v error -f lavfi -i color=c=${colour}:s=1280x720:r=1:d=1 -frames:v 1 -c:v mjpeg -f image2pipe pipe:1`.split(' '));

/** A plain colour, as `0xRRGGBB`. */
export const filmOf = (colour: string): Buffer => execFileSync('ffmpeg', options.replace('COLOUR', colour).split(' '));
