import { ServiceError } from "../errors.ts";

/** The longest time that timers know, in milliseconds; they take a longer one for none at all. */
const longestMs = 2 ** 31 - 1;

/**
 * Waits for work no longer than a time limit. The wait ends even where the work cannot be stopped.
 *
 * @param what Names the work in the message.
 * @param stop Is called when the time is over.
 * @throws {ServiceError} `timeout`.
 */
export function withDeadline<T>(
  work: Promise<T>,
  timeoutMs: number,
  what: string,
  stop: () => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new ServiceError("timeout", `${what} did not answer within ${timeoutMs} ms`));
      stop();
    }, Math.min(timeoutMs, longestMs));
    work.then((value) => {
      clearTimeout(timer);
      resolve(value);
    }, (cause: unknown) => {
      clearTimeout(timer);
      reject(cause);
    });
  });
}
