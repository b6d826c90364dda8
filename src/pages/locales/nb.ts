import type { Texts } from './texts.ts';

/** Norwegian, Bokmål. */
export const norwegian: Texts = {
  service: 'Sikker chat',
  reference: 'Oppgi denne referansen hvis du tar kontakt med oss om dette:',
  actions: {
    logIn: 'Logg inn',
    alreadyLoggedIn: 'Jeg er allerede logget inn',
    tryAgain: 'Prøv igjen',
    goBack: 'Gå tilbake',
    goOn: 'Gå videre til chatten',
  },
  problems: {
    login_required: {
      title: 'Logg inn for å åpne chatten',
      lead: 'Denne chatten er for kunder som er logget inn. Da vet vi hvem vi snakker med, og kan trygt hjelpe deg med det som gjelder deg.',
      cure: 'Logg inn, så kommer du rett til chatten.',
    },
    code_expired: {
      title: 'Logg inn på nytt',
      lead: 'Innloggingen var utløpt da chatten ble åpnet.',
      cure: 'Logg inn på nytt, så kommer du rett til chatten.',
    },
    return_to_refused: {
      title: 'Vi kan ikke sende deg tilbake dit',
      lead: 'Lenken ber oss sende deg videre til en adresse vi ikke kjenner. Av hensyn til sikkerheten din gjør vi ikke det.',
      cure: 'Gå tilbake til siden du kom fra, og åpne chatten derfra.',
    },
    state_mismatch: {
      title: 'Vi kjenner ikke igjen innloggingen',
      lead: 'Innloggingen ble startet i en annen nettleser, nettleseren tok ikke vare på informasjonskapslene våre, eller denne siden ble åpnet en gang til.',
      cure: 'Start på nytt i denne nettleseren, og tillat informasjonskapsler.',
    },
    transaction_expired: {
      title: 'Innloggingen tok for lang tid',
      lead: 'Av hensyn til sikkerheten din må innloggingen fullføres i løpet av noen minutter.',
      cure: 'Logg inn på nytt.',
    },
    queue_ambiguous: {
      title: 'Lenken er uklar',
      lead: 'Lenken peker på mer enn én chat, så vi vet ikke hvilken du vil til.',
      cure: 'Gå tilbake og velg chatten på nytt.',
    },
    path_ambiguous: {
      title: 'Adressen er ikke gyldig',
      lead: 'Adressen til denne siden inneholder tegn som vi ikke kan tolke på en trygg måte.',
      cure: 'Kontroller adressen, eller gå tilbake og åpne chatten på nytt.',
    },
    request_malformed: {
      title: 'Vi forstod ikke forespørselen',
      lead: 'Noe i adressen, eller i det som ble sendt, er ufullstendig eller feil.',
      cure: 'Gå tilbake og prøv igjen.',
    },
    queue_refused: {
      title: 'Denne chatten finnes ikke',
      lead: 'Chatten kan være lagt ned eller ha fått en ny adresse.',
      cure: 'Gå tilbake og velg chatten på nytt.',
    },
    identity_changed: {
      title: 'En annen person er logget inn',
      lead: 'Chatten ble åpnet av en annen enn den som nå er logget inn i denne nettleseren.',
      cure: 'Lukk denne chatten og start en ny. Deler du enheten med andre, bør du logge inn på nytt først.',
    },
    body_too_large: {
      title: 'Det du sendte, er for stort',
      lead: 'Filen eller meldingen er større enn chatten kan ta imot.',
      cure: 'Gå tilbake og send noe mindre.',
    },
    rate_limited: {
      title: 'For mange innlogginger',
      lead: 'Det har vært uvanlig mange innlogginger fra nettverket ditt.',
      cure: 'Vent et minutt og prøv igjen.',
    },
    provider_error: {
      title: 'Innloggingen fungerte ikke',
      lead: 'Vi fikk et svar fra innloggingstjenesten som vi ikke kan bruke.',
      cure: 'Prøv igjen. Ta kontakt med oss hvis det ikke hjelper.',
    },
    upstream_unreachable: {
      title: 'Chatten svarer ikke',
      lead: 'Vi får ikke kontakt med chatten akkurat nå.',
      cure: 'Prøv igjen om litt.',
    },
    provider_unavailable: {
      title: 'Innloggingen er ikke tilgjengelig',
      lead: 'Vi får ikke kontakt med innloggingstjenesten akkurat nå.',
      cure: 'Prøv igjen om litt.',
    },
    session_store_unavailable: {
      title: 'Vi har en teknisk feil',
      lead: 'Vi kan ikke kontrollere innloggingen din akkurat nå.',
      cure: 'Prøv igjen om litt.',
    },
    draining: {
      title: 'Vi starter på nytt',
      lead: 'Tjenesten blir oppdatert og er straks tilbake.',
      cure: 'Prøv igjen om noen sekunder.',
    },
    upstream_timeout: {
      title: 'Chatten svarte ikke i tide',
      lead: 'Det tok for lang tid å få svar fra chatten.',
      cure: 'Prøv igjen om litt.',
    },
    not_found: {
      title: 'Denne siden finnes ikke',
      lead: 'Adressen kan være feilskrevet, eller siden kan være flyttet.',
      cure: 'Kontroller adressen, eller gå tilbake.',
    },
    method_not_allowed: {
      title: 'Dette kan ikke gjøres her',
      lead: 'Siden ble åpnet på en måte den ikke er laget for.',
      cure: 'Gå tilbake og prøv igjen.',
    },
    internal_error: {
      title: 'Noe gikk galt',
      lead: 'En feil hos oss gjorde at siden ikke kunne vises.',
      cure: 'Prøv igjen om litt. Ta kontakt med oss hvis det ikke hjelper.',
    },
  },
  authErrors: {
    login_required: 'Du er ikke logget inn akkurat nå.',
    interaction_required: 'Du må bekrefte noe i innloggingen før du kan gå videre.',
    consent_required: 'Du må gi samtykke i innloggingen før du kan gå videre.',
    account_selection_required: 'Du må velge hvilken bruker du vil logge inn med.',
    access_denied: 'Innloggingen ble avbrutt eller ikke godkjent.',
    provider_error: 'Innloggingstjenesten klarte ikke å fullføre innloggingen.',
    code_expired: 'Innloggingen ble ikke brukt i tide.',
  },
  alreadyLoggedInHint:
    'Har du nettopp logget inn et annet sted i denne nettleseren? Velg «Jeg er allerede logget inn».',
  verified: {
    title: 'Identiteten din er bekreftet',
    lead: 'Du kan lukke dette vinduet og gå tilbake til chatten.',
  },
  notVerified: {
    title: 'Innloggingen ble ikke fullført',
    lead: 'Du kan lukke dette vinduet og prøve igjen fra chatten.',
  },
  loggedOut: {
    title: 'Du er logget ut av chatten',
    lead: 'Chatten vet ikke lenger hvem du er. Du kan lukke dette vinduet.',
  },
  closesItself: 'Dette vinduet lukker seg selv. Hvis det blir stående åpent, kan du gå videre her.',
};
