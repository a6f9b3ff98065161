/** Somebody's ticket and pass, as the browsers have them. What the door knows of them is written here and nowhere else. */
export interface Ticket {
  epoch: number;
  number: number;
  readonly tag: string;
  issuedAt: number;
  /** Until when a pass of it is good, by the time of the store; 0 without one. */
  passUntil: number;
  /** Until when that is served without asking. */
  checkAt: number;
  /** Whether its pass was brought, and whether its holder left. */
  isConfirmed: boolean;
  hasLeft: boolean;
  /** When it got its pass, by the time of the store; -1 for never. */
  admittedAt: number;
}

/** Makes a ticket. */
export function ticketOf(epoch: number, number: number, tag: string, issuedAt: number): Ticket {
  return {
    epoch,
    number,
    tag,
    issuedAt,
    passUntil: 0,
    checkAt: 0,
    isConfirmed: false,
    hasLeft: false,
    admittedAt: -1,
  };
}

/** By what somebody is told from everybody else. */
export function memberOf({ number, tag }: Ticket): string {
  return `${number}.${tag}`;
}

/** The tag of the visitor who came as the so manieth. */
export function tagOf(visitor: number): string {
  return visitor.toString(36).padStart(8, "-");
}
