import type { Texts } from './texts.ts';

/** Danish. */
export const danish: Texts = {
  service: 'Sikker chat',
  reference: 'Oplys denne reference, hvis du kontakter os om dette:',
  actions: {
    logIn: 'Log ind',
    alreadyLoggedIn: 'Jeg er allerede logget ind',
    tryAgain: 'Prøv igen',
    goBack: 'Gå tilbage',
    goOn: 'Gå videre til chatten',
  },
  problems: {
    login_required: {
      title: 'Log ind for at åbne chatten',
      lead: 'Denne chat er for kunder, der er logget ind. Så ved vi, hvem vi taler med, og kan trygt hjælpe dig med det, der vedrører dig.',
      cure: 'Log ind, så kommer du direkte til chatten.',
    },
    code_expired: {
      title: 'Log ind igen',
      lead: 'Dit login var udløbet, da chatten blev åbnet.',
      cure: 'Log ind igen, så kommer du direkte til chatten.',
    },
    return_to_refused: {
      title: 'Vi kan ikke sende dig tilbage dertil',
      lead: 'Linket beder os om at sende dig videre til en adresse, som vi ikke kender. Af hensyn til din sikkerhed gør vi ikke det.',
      cure: 'Gå tilbage til den side, du kom fra, og åbn chatten derfra.',
    },
    state_mismatch: {
      title: 'Vi kan ikke genkende dit login',
      lead: 'Dit login blev startet i en anden browser, browseren gemte ikke vores cookies, eller denne side blev åbnet en gang til.',
      cure: 'Start forfra i denne browser, og tillad cookies.',
    },
    transaction_expired: {
      title: 'Login tog for lang tid',
      lead: 'Af hensyn til din sikkerhed skal login gennemføres inden for få minutter.',
      cure: 'Log ind igen.',
    },
    queue_ambiguous: {
      title: 'Linket er uklart',
      lead: 'Linket peger på mere end én chat, så vi ved ikke, hvilken du vil til.',
      cure: 'Gå tilbage, og vælg chatten igen.',
    },
    path_ambiguous: {
      title: 'Adressen er ikke gyldig',
      lead: 'Adressen på denne side indeholder tegn, som vi ikke kan fortolke på en sikker måde.',
      cure: 'Kontrollér adressen, eller gå tilbage, og åbn chatten igen.',
    },
    request_malformed: {
      title: 'Vi forstod ikke forespørgslen',
      lead: 'Noget i adressen, eller i det, der blev sendt, er ufuldstændigt eller forkert.',
      cure: 'Gå tilbage, og prøv igen.',
    },
    queue_refused: {
      title: 'Denne chat findes ikke',
      lead: 'Chatten kan være lukket eller have fået en ny adresse.',
      cure: 'Gå tilbage, og vælg chatten igen.',
    },
    identity_changed: {
      title: 'En anden person er logget ind',
      lead: 'Chatten blev åbnet af en anden end den, der nu er logget ind i denne browser.',
      cure: 'Luk denne chat, og start en ny. Deler du enheden med andre, bør du logge ind igen først.',
    },
    body_too_large: {
      title: 'Det, du sendte, er for stort',
      lead: 'Filen eller beskeden er større, end chatten kan modtage.',
      cure: 'Gå tilbage, og send noget mindre.',
    },
    rate_limited: {
      title: 'For mange loginforsøg',
      lead: 'Der har været usædvanligt mange loginforsøg fra dit netværk.',
      cure: 'Vent et minut, og prøv igen.',
    },
    provider_error: {
      title: 'Login virkede ikke',
      lead: 'Vi fik et svar fra logintjenesten, som vi ikke kan bruge.',
      cure: 'Prøv igen. Kontakt os, hvis det ikke hjælper.',
    },
    upstream_unreachable: {
      title: 'Chatten svarer ikke',
      lead: 'Vi kan ikke få forbindelse til chatten lige nu.',
      cure: 'Prøv igen om lidt.',
    },
    provider_unavailable: {
      title: 'Login er ikke tilgængeligt',
      lead: 'Vi kan ikke få forbindelse til logintjenesten lige nu.',
      cure: 'Prøv igen om lidt.',
    },
    session_store_unavailable: {
      title: 'Vi har en teknisk fejl',
      lead: 'Vi kan ikke kontrollere dit login lige nu.',
      cure: 'Prøv igen om lidt.',
    },
    draining: {
      title: 'Vi genstarter',
      lead: 'Tjenesten bliver opdateret og er straks tilbage.',
      cure: 'Prøv igen om nogle sekunder.',
    },
    upstream_timeout: {
      title: 'Chatten svarede ikke i tide',
      lead: 'Det tog for lang tid at få svar fra chatten.',
      cure: 'Prøv igen om lidt.',
    },
    not_found: {
      title: 'Denne side findes ikke',
      lead: 'Adressen kan være stavet forkert, eller siden kan være flyttet.',
      cure: 'Kontrollér adressen, eller gå tilbage.',
    },
    method_not_allowed: {
      title: 'Det kan ikke gøres her',
      lead: 'Siden blev åbnet på en måde, som den ikke er beregnet til.',
      cure: 'Gå tilbage, og prøv igen.',
    },
    internal_error: {
      title: 'Noget gik galt',
      lead: 'En fejl hos os gjorde, at siden ikke kunne vises.',
      cure: 'Prøv igen om lidt. Kontakt os, hvis det ikke hjælper.',
    },
  },
  authErrors: {
    login_required: 'Du er ikke logget ind lige nu.',
    interaction_required: 'Du skal bekræfte noget under login, før du kan gå videre.',
    consent_required: 'Du skal give dit samtykke under login, før du kan gå videre.',
    account_selection_required: 'Du skal vælge, hvilken bruger du vil logge ind med.',
    access_denied: 'Login blev afbrudt eller ikke godkendt.',
    provider_error: 'Logintjenesten kunne ikke gennemføre dit login.',
    code_expired: 'Dit login blev ikke brugt i tide.',
  },
  alreadyLoggedInHint:
    'Er du lige logget ind et andet sted i denne browser? Vælg »Jeg er allerede logget ind«.',
  verified: {
    title: 'Din identitet er bekræftet',
    lead: 'Du kan lukke dette vindue og gå tilbage til chatten.',
  },
  notVerified: {
    title: 'Login blev ikke gennemført',
    lead: 'Du kan lukke dette vindue og prøve igen fra chatten.',
  },
  loggedOut: {
    title: 'Du er logget ud af chatten',
    lead: 'Chatten ved ikke længere, hvem du er. Du kan lukke dette vindue.',
  },
  closesItself: 'Dette vindue lukker af sig selv. Hvis det forbliver åbent, kan du gå videre her.',
};
