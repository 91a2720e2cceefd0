import { Signal } from '@/base/signal';

/**
 * Whether the sign-in at a proxy in front of the service has ended. From then on the page sends no requests, because each
 * answer would be the same redirect, for 64 cameras at a time. It tries again when a person returns to the page, who may
 * have signed in elsewhere.
 */
export const signInEnded = new Signal(false);
