import type { Texts } from './texts.ts';

/** Swedish. */
export const swedish: Texts = {
  service: 'Säker chatt',
  reference: 'Uppge den här referensen om du kontaktar oss om detta:',
  actions: {
    logIn: 'Logga in',
    alreadyLoggedIn: 'Jag är redan inloggad',
    tryAgain: 'Försök igen',
    goBack: 'Gå tillbaka',
    goOn: 'Gå vidare till chatten',
  },
  problems: {
    login_required: {
      title: 'Logga in för att öppna chatten',
      lead: 'Den här chatten är till för kunder som är inloggade. Då vet vi vem vi pratar med och kan tryggt hjälpa dig med det som gäller dig.',
      cure: 'Logga in så kommer du direkt till chatten.',
    },
    code_expired: {
      title: 'Logga in igen',
      lead: 'Inloggningen hade gått ut när chatten öppnades.',
      cure: 'Logga in igen så kommer du direkt till chatten.',
    },
    return_to_refused: {
      title: 'Vi kan inte skicka dig tillbaka dit',
      lead: 'Länken ber oss skicka dig vidare till en adress som vi inte känner till. Av säkerhetsskäl gör vi inte det.',
      cure: 'Gå tillbaka till sidan du kom från och öppna chatten därifrån.',
    },
    state_mismatch: {
      title: 'Vi känner inte igen inloggningen',
      lead: 'Inloggningen startades i en annan webbläsare, webbläsaren sparade inte våra kakor (cookies) eller så öppnades den här sidan en gång till.',
      cure: 'Börja om i den här webbläsaren och tillåt kakor.',
    },
    transaction_expired: {
      title: 'Inloggningen tog för lång tid',
      lead: 'Av säkerhetsskäl måste inloggningen slutföras inom några minuter.',
      cure: 'Logga in igen.',
    },
    queue_ambiguous: {
      title: 'Länken är otydlig',
      lead: 'Länken pekar på mer än en chatt, så vi vet inte vilken du vill till.',
      cure: 'Gå tillbaka och välj chatten igen.',
    },
    path_ambiguous: {
      title: 'Adressen är inte giltig',
      lead: 'Adressen till den här sidan innehåller tecken som vi inte kan tolka på ett säkert sätt.',
      cure: 'Kontrollera adressen, eller gå tillbaka och öppna chatten igen.',
    },
    request_malformed: {
      title: 'Vi förstod inte förfrågan',
      lead: 'Något i adressen, eller i det som skickades, är ofullständigt eller fel.',
      cure: 'Gå tillbaka och försök igen.',
    },
    queue_refused: {
      title: 'Den här chatten finns inte',
      lead: 'Chatten kan ha stängts eller fått en ny adress.',
      cure: 'Gå tillbaka och välj chatten igen.',
    },
    identity_changed: {
      title: 'En annan person är inloggad',
      lead: 'Chatten öppnades av någon annan än den som nu är inloggad i den här webbläsaren.',
      cure: 'Stäng den här chatten och starta en ny. Om du delar enheten med andra bör du logga in igen först.',
    },
    body_too_large: {
      title: 'Det du skickade är för stort',
      lead: 'Filen eller meddelandet är större än vad chatten kan ta emot.',
      cure: 'Gå tillbaka och skicka något mindre.',
    },
    rate_limited: {
      title: 'För många inloggningar',
      lead: 'Det har gjorts ovanligt många inloggningar från ditt nätverk.',
      cure: 'Vänta en minut och försök igen.',
    },
    provider_error: {
      title: 'Inloggningen fungerade inte',
      lead: 'Vi fick ett svar från inloggningstjänsten som vi inte kan använda.',
      cure: 'Försök igen. Kontakta oss om det inte hjälper.',
    },
    upstream_unreachable: {
      title: 'Chatten svarar inte',
      lead: 'Vi får ingen kontakt med chatten just nu.',
      cure: 'Försök igen om en stund.',
    },
    provider_unavailable: {
      title: 'Inloggningen är inte tillgänglig',
      lead: 'Vi får ingen kontakt med inloggningstjänsten just nu.',
      cure: 'Försök igen om en stund.',
    },
    session_store_unavailable: {
      title: 'Vi har ett tekniskt fel',
      lead: 'Vi kan inte kontrollera din inloggning just nu.',
      cure: 'Försök igen om en stund.',
    },
    draining: {
      title: 'Vi startar om',
      lead: 'Tjänsten uppdateras och är snart tillbaka.',
      cure: 'Försök igen om några sekunder.',
    },
    upstream_timeout: {
      title: 'Chatten svarade inte i tid',
      lead: 'Det tog för lång tid att få svar från chatten.',
      cure: 'Försök igen om en stund.',
    },
    not_found: {
      title: 'Den här sidan finns inte',
      lead: 'Adressen kan vara felstavad, eller så kan sidan ha flyttats.',
      cure: 'Kontrollera adressen eller gå tillbaka.',
    },
    method_not_allowed: {
      title: 'Det går inte att göra här',
      lead: 'Sidan öppnades på ett sätt som den inte är gjord för.',
      cure: 'Gå tillbaka och försök igen.',
    },
    internal_error: {
      title: 'Något gick fel',
      lead: 'Ett fel hos oss gjorde att sidan inte kunde visas.',
      cure: 'Försök igen om en stund. Kontakta oss om det inte hjälper.',
    },
  },
  authErrors: {
    login_required: 'Du är inte inloggad just nu.',
    interaction_required: 'Du behöver bekräfta något i inloggningen innan du kan gå vidare.',
    consent_required: 'Du behöver ge ditt samtycke i inloggningen innan du kan gå vidare.',
    account_selection_required: 'Du behöver välja vilken användare du vill logga in med.',
    access_denied: 'Inloggningen avbröts eller godkändes inte.',
    provider_error: 'Inloggningstjänsten kunde inte slutföra inloggningen.',
    code_expired: 'Inloggningen användes inte i tid.',
  },
  alreadyLoggedInHint:
    'Har du just loggat in någon annanstans i den här webbläsaren? Välj ”Jag är redan inloggad”.',
  verified: {
    title: 'Din identitet är bekräftad',
    lead: 'Du kan stänga det här fönstret och gå tillbaka till chatten.',
  },
  notVerified: {
    title: 'Inloggningen slutfördes inte',
    lead: 'Du kan stänga det här fönstret och försöka igen från chatten.',
  },
  loggedOut: {
    title: 'Du är utloggad från chatten',
    lead: 'Chatten vet inte längre vem du är. Du kan stänga det här fönstret.',
  },
  closesItself: 'Det här fönstret stängs av sig självt. Om det förblir öppet kan du gå vidare här.',
};
