import { Signal } from '@/base/signal';

/**
 * Whether the sign-in at a proxy in front of the service has ended. From then on nothing is asked: each answer would be
 * the same redirect, for 64 cameras at a time. It is tried again when somebody comes back to the page, who may have
 * signed in elsewhere.
 */
export const signInEnded = new Signal(false);
