/**
 * The words of the waiting page, in English, French and Italian.
 *
 * @module
 */

/** A language of the waiting page. */
export type Language = "en" | "fr" | "it";

/** Languages in the order in which they are preferred when a visitor accepts all alike. */
export const LANGUAGES: readonly [Language, ...Language[]] = ["en", "fr", "it"];

/** Heading and explanation of one situation. */
export interface Words {
  readonly heading: string;
  readonly lead: string;
}

/** The situations a visitor can be in. */
export type Situation = "waiting" | "full" | "paused" | "early" | "throttled" | "blocked" | "ready";

/** The pages that lead nowhere. */
export type DeadEnd = "no-room" | "bad-url" | "bad-key";

/** All words of one language. */
export interface Texts {
  readonly situations: Readonly<Record<Situation, Words>>;
  readonly deadEnds: Readonly<Record<DeadEnd, Words>>;
  readonly brand: string;
  readonly position: string;
  readonly expectedWait: string;
  readonly opensIn: string;
  readonly progress: string;
  readonly soon: string;
  readonly unknown: string;
  readonly note: string;
  readonly codeQuestion: string;
  readonly codeLabel: string;
  readonly codeButton: string;
  readonly codeWrong: string;
  readonly checkNow: string;
  readonly reloads: string;
  readonly lost: string;
  readonly goTo: (host: string) => string;
  readonly ahead: (count: number) => string;
  readonly minutes: (count: number) => string;
  readonly hours: (count: number) => string;
  readonly kept: (minutes: number) => string;
}

const en: Texts = {
  situations: {
    waiting: {
      heading: "You are in line",
      lead: "Keep this page open. It takes you in when it is your turn.",
    },
    full: {
      heading: "You are in line",
      lead: "Every place is taken right now. The line moves as soon as somebody leaves.",
    },
    paused: { heading: "The line is paused", lead: "Nobody is let in for the moment. You keep your place." },
    early: { heading: "The doors open soon", lead: "You are early: your place is already kept." },
    throttled: {
      heading: "One moment",
      lead: "Very many people have arrived at once. We keep trying for you.",
    },
    blocked: {
      heading: "We cannot let you in",
      lead: "Too many visits came from your network. This page keeps checking whether that has changed.",
    },
    ready: { heading: "It is your turn", lead: "We are taking you in." },
  },
  deadEnds: {
    "no-room": {
      heading: "There is no such waiting room",
      lead: "The address may be incomplete. Go back to the site you came from and try again.",
    },
    "bad-url": {
      heading: "We cannot tell where you were going",
      lead: "The link that brought you here does not lead to a site this waiting room belongs to.",
    },
    "bad-key": {
      heading: "This waiting room is not known here",
      lead: "The link that brought you here belongs to another account. Go back to the site and try again.",
    },
  },
  brand: "Waiting room",
  position: "Your place in line",
  expectedWait: "Expected wait",
  opensIn: "Opens in",
  progress: "Your way through the line",
  soon: "less than a minute",
  unknown: "not known yet",
  note: "A note from the organiser",
  codeQuestion: "Do you have a priority code?",
  codeLabel: "Priority code",
  codeButton: "Use code",
  codeWrong: "This code is not valid. You keep your place in line.",
  checkNow: "Check now",
  reloads: "This page reloads every few seconds.",
  lost: "The connection was lost. Your place is kept, and we keep trying.",
  goTo: (host) => `Go to ${host}`,
  ahead: (n) =>
    n === 0
      ? "Nobody is ahead of you"
      : n === 1
      ? "1 person is ahead of you"
      : `${num("en", n)} people are ahead of you`,
  minutes: (n) => n === 1 ? "about 1 minute" : `about ${n} minutes`,
  hours: (n) => n === 1 ? "about 1 hour" : `about ${n} hours`,
  kept: (n) => `If you close this page or your phone goes to sleep, your place is kept for ${n} min.`,
};

const fr: Texts = {
  situations: {
    waiting: {
      heading: "Vous êtes dans la file",
      lead: "Gardez cette page ouverte\u00a0: elle vous fera entrer quand ce sera votre tour.",
    },
    full: {
      heading: "Vous êtes dans la file",
      lead: "Toutes les places sont prises. La file avance dès que quelqu’un sort.",
    },
    paused: {
      heading: "La file est en pause",
      lead: "Personne n’entre pour le moment. Vous gardez votre place.",
    },
    early: {
      heading: "Ouverture imminente",
      lead: "Vous êtes en avance\u00a0: votre place est déjà gardée.",
    },
    throttled: {
      heading: "Un instant",
      lead: "Beaucoup de monde vient d’arriver en même temps. Nous réessayons pour vous.",
    },
    blocked: {
      heading: "Nous ne pouvons pas vous faire entrer",
      lead: "Trop de visites sont venues de votre réseau. Cette page vérifie régulièrement si cela a changé.",
    },
    ready: { heading: "C’est votre tour", lead: "Nous vous faisons entrer." },
  },
  deadEnds: {
    "no-room": {
      heading: "Cette salle d’attente n’existe pas",
      lead: "L’adresse est peut-être incomplète. Revenez au site d’où vous venez et réessayez.",
    },
    "bad-url": {
      heading: "Nous ne savons pas où vous alliez",
      lead: "Le lien qui vous a amené ici ne mène pas à un site de cette salle d’attente.",
    },
    "bad-key": {
      heading: "Cette salle d’attente est inconnue ici",
      lead: "Le lien qui vous a amené ici appartient à un autre compte. Revenez au site et réessayez.",
    },
  },
  brand: "Salle d’attente",
  position: "Votre place dans la file",
  expectedWait: "Attente estimée",
  opensIn: "Ouverture dans",
  progress: "Votre avancée dans la file",
  soon: "moins d’une minute",
  unknown: "pas encore connue",
  note: "Un mot de l’organisateur",
  codeQuestion: "Avez-vous un code prioritaire\u00a0?",
  codeLabel: "Code prioritaire",
  codeButton: "Utiliser le code",
  codeWrong: "Ce code n’est pas valable. Vous gardez votre place dans la file.",
  checkNow: "Vérifier maintenant",
  reloads: "Cette page se recharge toutes les quelques secondes.",
  lost: "La connexion est perdue. Votre place est gardée et nous réessayons.",
  goTo: (host) => `Aller à ${host}`,
  ahead: (n) =>
    n === 0
      ? "Personne n’est devant vous"
      : n === 1
      ? "1 personne est devant vous"
      : `${num("fr", n)} personnes sont devant vous`,
  minutes: (n) => n === 1 ? "environ 1 minute" : `environ ${n} minutes`,
  hours: (n) => n === 1 ? "environ 1 heure" : `environ ${n} heures`,
  kept: (n) =>
    `Si vous fermez cette page ou si votre téléphone se met en veille, votre place est gardée ${n} min.`,
};

const it: Texts = {
  situations: {
    waiting: {
      heading: "Sei in coda",
      lead: "Tieni aperta questa pagina: ti farà entrare quando sarà il tuo turno.",
    },
    full: {
      heading: "Sei in coda",
      lead: "Al momento tutti i posti sono occupati. La coda avanza appena qualcuno esce.",
    },
    paused: { heading: "La coda è in pausa", lead: "Per ora non entra nessuno. Il tuo posto è al sicuro." },
    early: { heading: "Si apre tra poco", lead: "Sei in anticipo: il tuo posto è già riservato." },
    throttled: {
      heading: "Un momento",
      lead: "Moltissime persone sono arrivate insieme. Continuiamo a provare per te.",
    },
    blocked: {
      heading: "Non possiamo farti entrare",
      lead: "Troppe visite sono arrivate dalla tua rete. Questa pagina controlla regolarmente se è cambiato.",
    },
    ready: { heading: "È il tuo turno", lead: "Ti stiamo facendo entrare." },
  },
  deadEnds: {
    "no-room": {
      heading: "Questa sala d’attesa non esiste",
      lead: "Forse l’indirizzo è incompleto. Torna al sito da cui arrivi e riprova.",
    },
    "bad-url": {
      heading: "Non sappiamo dove stavi andando",
      lead: "Il link che ti ha portato qui non porta a un sito di questa sala d’attesa.",
    },
    "bad-key": {
      heading: "Questa sala d’attesa qui non è conosciuta",
      lead: "Il link che ti ha portato qui è di un altro account. Torna al sito e riprova.",
    },
  },
  brand: "Sala d’attesa",
  position: "Il tuo posto in coda",
  expectedWait: "Attesa stimata",
  opensIn: "Si apre tra",
  progress: "Il tuo percorso nella coda",
  soon: "meno di un minuto",
  unknown: "non ancora nota",
  note: "Un messaggio dell’organizzatore",
  codeQuestion: "Hai un codice prioritario?",
  codeLabel: "Codice prioritario",
  codeButton: "Usa il codice",
  codeWrong: "Questo codice non è valido. Mantieni il tuo posto in coda.",
  checkNow: "Controlla ora",
  reloads: "Questa pagina si ricarica ogni pochi secondi.",
  lost: "Connessione interrotta. Il tuo posto è al sicuro e continuiamo a riprovare.",
  goTo: (host) => `Vai a ${host}`,
  ahead: (n) =>
    n === 0
      ? "Davanti a te non c’è nessuno"
      : n === 1
      ? "Davanti a te c’è 1 persona"
      : `Davanti a te ci sono ${num("it", n)} persone`,
  minutes: (n) => n === 1 ? "circa 1 minuto" : `circa ${n} minuti`,
  hours: (n) => n === 1 ? "circa 1 ora" : `circa ${n} ore`,
  kept: (n) =>
    `Se chiudi questa pagina o il telefono va in standby, il tuo posto resta riservato per ${n} min.`,
};

/** The words by language. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en, fr, it };

/** A whole number as the language writes it. */
export function num(language: Language, value: number): string {
  return new Intl.NumberFormat(language).format(value);
}

/** A duration in words, rounded up so that nobody waits longer than told. */
export function duration(texts: Texts, ms: number): string {
  if (!Number.isFinite(ms)) return texts.unknown;
  if (ms < 60_000) return texts.soon;
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 90 ? texts.minutes(minutes) : texts.hours(Math.round(minutes / 60));
}
