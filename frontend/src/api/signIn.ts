/**
 * Whether the sign-in at a proxy in front of the service has ended. From then on nothing is asked: each answer would be
 * the same redirect, for 64 cameras at a time. It is tried again when somebody comes back to the page, who may have
 * signed in elsewhere.
 */
class SignIn {
  #ended = false;
  readonly #listeners = new Set<() => void>();

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#become(true);
  }

  tryAgain(): void {
    this.#become(false);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #become(ended: boolean): void {
    if (ended === this.#ended) {
      return;
    }
    this.#ended = ended;
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

export const signIn = new SignIn();
