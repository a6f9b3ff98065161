/** What a part looks at. `host` is the authority, `hostname` is it without user info and port. */
export type Subject = "url" | "path" | "host" | "hostname" | "userAgent" | "cookie" | "header" | "body";

/** What a part compares. */
export interface Target {
  /** Where it is found. */
  readonly subject: Subject;
  /** The name of the cookie, or of the header in lower case; otherwise `""`. */
  readonly name: string;
  /** Whether a URL is normalised before it is compared. */
  readonly normalized: boolean;
}
