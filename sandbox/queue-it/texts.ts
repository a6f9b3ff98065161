/**
 * The words of the pages that only Queue-it has, in English, French and Italian.
 *
 * @module
 */
import type { Language, Words } from "../page/texts.ts";

/** Why a site did not let a visitor in. */
export type Refusal =
  | "hash"
  | "eventid"
  | "timestamp"
  | "ip"
  | "qidlimit"
  | "connector/sessionstate"
  | "unknown";

/** The pages that say something and have nothing to wait for. */
export type Notice = "before" | "after" | "invite" | "cookies" | "cancelled" | "setup";

/** All words of one language. */
export interface QueueItTexts {
  readonly refusals: Readonly<Record<Refusal, Words>>;
  readonly notices: Readonly<Record<Notice, Words>>;
  readonly queueAgain: string;
  readonly checkAgain: string;
  readonly queueId: (id: string) => string;
}

const en: QueueItTexts = {
  refusals: {
    hash: {
      heading: "Your pass could not be read",
      lead:
        "The link that took you to the site was damaged or changed on its way. Queue again to get a new one.",
    },
    eventid: {
      heading: "Your pass is for another event",
      lead:
        "You have waited in one line and come to the door of another. Queue for the page you want to see.",
    },
    timestamp: {
      heading: "Your pass has run out",
      lead: "It took too long from the line to the site. Queue again to get a new pass.",
    },
    ip: {
      heading: "Your network has changed",
      lead:
        "Your pass was given to another connection, for instance before you left a Wi-Fi network. Queue again from this one.",
    },
    qidlimit: {
      heading: "Your pass has been used up",
      lead: "It may be used only a limited number of times. Queue again to get a new place.",
    },
    "connector/sessionstate": {
      heading: "Your network has changed",
      lead: "Your visit began on another connection and cannot go on from here. Queue again from this one.",
    },
    unknown: {
      heading: "Something went wrong",
      lead: "The site could not let you in. Queue again, and tell the organiser if that does not help.",
    },
  },
  notices: {
    before: { heading: "Not open yet", lead: "The line has not been opened. Come back a little later." },
    after: { heading: "This is over", lead: "The line is closed, and nobody else is let in." },
    invite: {
      heading: "Start from the site",
      lead:
        "This line is only for visitors whom the site sends here, and the link that brought you is not valid or too old.",
    },
    cookies: {
      heading: "Your place cannot be kept",
      lead:
        "Your browser does not store this page’s cookie, which holds your place in line. Allow cookies and try again.",
    },
    cancelled: {
      heading: "Your place has been given up",
      lead: "You have left the line and the visit it led to.",
    },
    setup: {
      heading: "Diagnostics could not start",
      lead: "The site’s connector refused the diagnostics link.",
    },
  },
  queueAgain: "Queue again",
  checkAgain: "Check again",
  queueId: (id) => `Your queue ID: ${id}`,
};

const fr: QueueItTexts = {
  refusals: {
    hash: {
      heading: "Votre laissez-passer est illisible",
      lead:
        "Le lien qui vous menait au site a été abîmé ou modifié en route. Reprenez la file pour en recevoir un nouveau.",
    },
    eventid: {
      heading: "Votre laissez-passer vaut pour un autre événement",
      lead:
        "Vous avez attendu dans une file et vous arrivez à une autre porte. Prenez la file de la page souhaitée.",
    },
    timestamp: {
      heading: "Votre laissez-passer a expiré",
      lead: "Trop de temps a passé entre la file et le site. Reprenez la file pour en recevoir un nouveau.",
    },
    ip: {
      heading: "Votre réseau a changé",
      lead:
        "Votre laissez-passer a été donné à une autre connexion, par exemple avant de quitter un réseau Wi-Fi. Reprenez la file depuis celle-ci.",
    },
    qidlimit: {
      heading: "Votre laissez-passer est épuisé",
      lead:
        "Il ne peut servir qu’un nombre limité de fois. Reprenez la file pour recevoir une nouvelle place.",
    },
    "connector/sessionstate": {
      heading: "Votre réseau a changé",
      lead:
        "Votre visite a commencé sur une autre connexion et ne peut pas continuer ici. Reprenez la file depuis celle-ci.",
    },
    unknown: {
      heading: "Un problème est survenu",
      lead:
        "Le site n’a pas pu vous faire entrer. Reprenez la file, et prévenez l’organisateur si cela ne suffit pas.",
    },
  },
  notices: {
    before: {
      heading: "Pas encore ouvert",
      lead: "La file n’est pas encore ouverte. Revenez un peu plus tard.",
    },
    after: { heading: "C’est terminé", lead: "La file est fermée et plus personne n’entre." },
    invite: {
      heading: "Commencez sur le site",
      lead:
        "Cette file est réservée aux visiteurs envoyés par le site, et votre lien n’est pas valable ou trop ancien.",
    },
    cookies: {
      heading: "Votre place ne peut pas être gardée",
      lead:
        "Votre navigateur n’enregistre pas le cookie de cette page, qui garde votre place. Autorisez les cookies et réessayez.",
    },
    cancelled: {
      heading: "Vous avez rendu votre place",
      lead: "Vous avez quitté la file et la visite qu’elle ouvrait.",
    },
    setup: {
      heading: "Le diagnostic n’a pas pu démarrer",
      lead: "Le connecteur du site a refusé le lien de diagnostic.",
    },
  },
  queueAgain: "Reprendre la file",
  checkAgain: "Vérifier à nouveau",
  queueId: (id) => `Votre numéro de file\u00a0: ${id}`,
};

const it: QueueItTexts = {
  refusals: {
    hash: {
      heading: "Il tuo lasciapassare non è leggibile",
      lead:
        "Il link che ti portava al sito è stato danneggiato o modificato. Rimettiti in coda per riceverne uno nuovo.",
    },
    eventid: {
      heading: "Il tuo lasciapassare vale per un altro evento",
      lead:
        "Hai atteso in una coda e sei arrivato a un’altra porta. Mettiti in coda per la pagina che vuoi vedere.",
    },
    timestamp: {
      heading: "Il tuo lasciapassare è scaduto",
      lead: "È passato troppo tempo tra la coda e il sito. Rimettiti in coda per riceverne uno nuovo.",
    },
    ip: {
      heading: "La tua rete è cambiata",
      lead:
        "Il lasciapassare era per un’altra connessione, per esempio prima di lasciare una rete Wi-Fi. Rimettiti in coda da questa.",
    },
    qidlimit: {
      heading: "Il tuo lasciapassare è esaurito",
      lead: "Si può usare solo un numero limitato di volte. Rimettiti in coda per ricevere un nuovo posto.",
    },
    "connector/sessionstate": {
      heading: "La tua rete è cambiata",
      lead:
        "La visita è iniziata su un’altra connessione e non può continuare da qui. Rimettiti in coda da questa.",
    },
    unknown: {
      heading: "Qualcosa è andato storto",
      lead: "Il sito non ha potuto farti entrare. Rimettiti in coda e, se non basta, avvisa l’organizzatore.",
    },
  },
  notices: {
    before: { heading: "Non ancora aperto", lead: "La coda non è ancora aperta. Torna un po’ più tardi." },
    after: { heading: "È finita", lead: "La coda è chiusa e non entra più nessuno." },
    invite: {
      heading: "Parti dal sito",
      lead:
        "Questa coda è solo per chi arriva dal sito, e il link che ti ha portato qui non è valido o è troppo vecchio.",
    },
    cookies: {
      heading: "Il tuo posto non può essere conservato",
      lead:
        "Il browser non salva il cookie di questa pagina, che conserva il tuo posto. Consenti i cookie e riprova.",
    },
    cancelled: {
      heading: "Hai lasciato il tuo posto",
      lead: "Sei fuori dalla coda e dalla visita a cui portava.",
    },
    setup: {
      heading: "La diagnosi non è partita",
      lead: "Il connettore del sito ha rifiutato il link di diagnosi.",
    },
  },
  queueAgain: "Rimettiti in coda",
  checkAgain: "Controlla di nuovo",
  queueId: (id) => `Il tuo numero di coda: ${id}`,
};

/** The words by language. */
export const QUEUE_IT_TEXTS: Readonly<Record<Language, QueueItTexts>> = { en, fr, it };
