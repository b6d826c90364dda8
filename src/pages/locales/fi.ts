import type { Texts } from './texts.ts';

/** Finnish. */
export const finnish: Texts = {
  service: 'Suojattu chat',
  reference: 'Jos otat meihin yhteyttä tästä asiasta, ilmoita tämä viite:',
  actions: {
    logIn: 'Kirjaudu sisään',
    alreadyLoggedIn: 'Olen jo kirjautunut',
    tryAgain: 'Yritä uudelleen',
    goBack: 'Palaa takaisin',
    goOn: 'Jatka chattiin',
  },
  problems: {
    login_required: {
      title: 'Avaa chat kirjautumalla sisään',
      lead: 'Tämä chat on sisään kirjautuneille asiakkaille. Näin tiedämme, kenen kanssa keskustelemme, ja voimme auttaa sinua turvallisesti omissa asioissasi.',
      cure: 'Kirjaudu sisään, niin pääset suoraan chattiin.',
    },
    code_expired: {
      title: 'Kirjaudu sisään uudelleen',
      lead: 'Kirjautumisesi oli vanhentunut, kun chat avattiin.',
      cure: 'Kirjaudu uudelleen, niin pääset suoraan chattiin.',
    },
    return_to_refused: {
      title: 'Emme voi ohjata sinua takaisin',
      lead: 'Linkki pyytää meitä ohjaamaan sinut osoitteeseen, jota emme tunne. Turvallisuussyistä emme tee niin.',
      cure: 'Palaa sivulle, jolta tulit, ja avaa chat sieltä.',
    },
    state_mismatch: {
      title: 'Emme tunnista kirjautumista',
      lead: 'Kirjautuminen aloitettiin toisessa selaimessa, selain ei tallentanut evästeitämme tai tämä sivu avattiin toisen kerran.',
      cure: 'Aloita alusta tässä selaimessa ja salli evästeet.',
    },
    transaction_expired: {
      title: 'Kirjautuminen kesti liian kauan',
      lead: 'Turvallisuussyistä kirjautuminen on tehtävä loppuun muutamassa minuutissa.',
      cure: 'Kirjaudu sisään uudelleen.',
    },
    queue_ambiguous: {
      title: 'Linkki on epäselvä',
      lead: 'Linkki osoittaa useampaan kuin yhteen chattiin, joten emme tiedä, minkä niistä haluat avata.',
      cure: 'Palaa takaisin ja valitse chat uudelleen.',
    },
    path_ambiguous: {
      title: 'Osoite ei kelpaa',
      lead: 'Tämän sivun osoitteessa on merkkejä, joita emme voi tulkita turvallisesti.',
      cure: 'Tarkista osoite, tai palaa takaisin ja avaa chat uudelleen.',
    },
    request_malformed: {
      title: 'Emme ymmärtäneet pyyntöä',
      lead: 'Osoitteessa tai lähetetyissä tiedoissa on puute tai virhe.',
      cure: 'Palaa takaisin ja yritä uudelleen.',
    },
    queue_refused: {
      title: 'Tätä chattia ei ole',
      lead: 'Chat on ehkä suljettu, tai sen osoite on muuttunut.',
      cure: 'Palaa takaisin ja valitse chat uudelleen.',
    },
    identity_changed: {
      title: 'Toinen henkilö on kirjautunut',
      lead: 'Chatin avasi joku muu kuin se, joka on nyt kirjautuneena tässä selaimessa.',
      cure: 'Sulje tämä chat ja aloita uusi. Jos muutkin käyttävät tätä laitetta, kirjaudu ensin uudelleen.',
    },
    body_too_large: {
      title: 'Lähettämäsi sisältö on liian suuri',
      lead: 'Tiedosto tai viesti on suurempi kuin chat voi ottaa vastaan.',
      cure: 'Palaa takaisin ja lähetä pienempi.',
    },
    rate_limited: {
      title: 'Liian monta kirjautumista',
      lead: 'Verkostasi on tehty poikkeuksellisen monta kirjautumista.',
      cure: 'Odota minuutti ja yritä uudelleen.',
    },
    provider_error: {
      title: 'Kirjautuminen ei onnistunut',
      lead: 'Saimme kirjautumispalvelusta vastauksen, jota emme voi käyttää.',
      cure: 'Yritä uudelleen. Jos se ei auta, ota meihin yhteyttä.',
    },
    upstream_unreachable: {
      title: 'Chat ei vastaa',
      lead: 'Emme saa juuri nyt yhteyttä chattiin.',
      cure: 'Yritä hetken kuluttua uudelleen.',
    },
    provider_unavailable: {
      title: 'Kirjautuminen ei ole käytettävissä',
      lead: 'Emme saa juuri nyt yhteyttä kirjautumispalveluun.',
      cure: 'Yritä hetken kuluttua uudelleen.',
    },
    session_store_unavailable: {
      title: 'Meillä on tekninen häiriö',
      lead: 'Emme voi juuri nyt tarkistaa kirjautumistasi.',
      cure: 'Yritä hetken kuluttua uudelleen.',
    },
    draining: {
      title: 'Palvelu käynnistyy uudelleen',
      lead: 'Palvelua päivitetään, ja se on pian taas käytössä.',
      cure: 'Yritä uudelleen muutaman sekunnin kuluttua.',
    },
    upstream_timeout: {
      title: 'Chat ei vastannut ajoissa',
      lead: 'Vastauksen saaminen chatista kesti liian kauan.',
      cure: 'Yritä hetken kuluttua uudelleen.',
    },
    not_found: {
      title: 'Tätä sivua ei ole',
      lead: 'Osoite on ehkä kirjoitettu väärin, tai sivu on siirretty.',
      cure: 'Tarkista osoite tai palaa takaisin.',
    },
    method_not_allowed: {
      title: 'Tätä ei voi tehdä täällä',
      lead: 'Sivu avattiin tavalla, jota se ei tue.',
      cure: 'Palaa takaisin ja yritä uudelleen.',
    },
    internal_error: {
      title: 'Jokin meni vikaan',
      lead: 'Meillä tapahtui virhe, eikä sivua voitu näyttää.',
      cure: 'Yritä hetken kuluttua uudelleen. Jos se ei auta, ota meihin yhteyttä.',
    },
  },
  authErrors: {
    login_required: 'Et ole juuri nyt kirjautuneena sisään.',
    interaction_required: 'Sinun on vahvistettava kirjautuminen, ennen kuin voit jatkaa.',
    consent_required: 'Sinun on annettava suostumuksesi, ennen kuin voit jatkaa.',
    account_selection_required: 'Sinun on valittava, millä käyttäjällä kirjaudut.',
    access_denied: 'Kirjautuminen keskeytettiin tai sitä ei hyväksytty.',
    provider_error: 'Kirjautumispalvelu ei pystynyt viemään kirjautumista loppuun.',
    code_expired: 'Kirjautumista ei käytetty ajoissa.',
  },
  alreadyLoggedInHint: 'Oletko juuri kirjautunut muualla tässä selaimessa? Valitse ”Olen jo kirjautunut”.',
  verified: {
    title: 'Henkilöllisyytesi on vahvistettu',
    lead: 'Voit sulkea tämän ikkunan ja palata chattiin.',
  },
  notVerified: {
    title: 'Kirjautuminen jäi kesken',
    lead: 'Voit sulkea tämän ikkunan ja yrittää uudelleen chatista.',
  },
  loggedOut: {
    title: 'Olet kirjautunut ulos chatista',
    lead: 'Chat ei enää tiedä, kuka olet. Voit sulkea tämän ikkunan.',
  },
  closesItself: 'Tämä ikkuna sulkeutuu itsestään. Jos se jää auki, voit jatkaa tästä.',
};
