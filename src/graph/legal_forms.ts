/**
 * Legal forms as they stand at the end or in front of organisations' names: abbreviations and local names of the Entity
 * Legal Forms code list (ISO 20275, kept by GLEIF), for the places that most certificates come from. What is as often a
 * word of a name is not among them (group, trust, chartered; NA, which is also North America). Each is in the form that
 * `normalizeOrganization` gives to a name: folded, single letters with dots or spaces between them written together.
 *
 * @module
 */

/** At the end of a name. Those that are put together (GmbH & Co. KG, S.A. de C.V.) are taken off piece by piece. */
export const FORMS_AT_END: ReadonlySet<string> = forms(`
  co, and co, company, and company, inc, incorporated, corp, corporation, ltd, limited, ulc, cic
  llc, limited liability company, llp, lp, lllp, limited partnership, limited liability partnership, pllc
  professional corporation, plc, public limited company, national association, pte, pty, pvt, opc
  private limited, private ltd, proprietary limited, proprietary ltd, berhad, bhd, sdn, sendirian
  joint stock company, public joint stock company, open joint stock company, closed joint stock company
  jsc, pjsc, ojsc, cjsc, psc, bsc, ksc, saog, saoc, wll, fz, fze, fzc, fzco, pcl, tbk

  ag, aktiengesellschaft, gag, gmbh, ggmbh, mbh, ges mbh, gesellschaft mbh, gesellschaft mit beschrankter haftung
  ug, haftungsbeschrankt, kg, kgaa, kommanditgesellschaft, und co, ohg, og, gbr, partg, mbb, partgmbb, ek, se
  ev, eingetragener verein, eg, eingetragene genossenschaft

  sa, sas, sasu, sarl, eurl, snc, scs, sca, scop, selarl, gie, sagl, cie, et cie, et co, ltee, limitee, incorporee
  senc, societe anonyme, societe par actions simplifiee, societe a responsabilite limitee
  bv, nv, vof, cv, bvba, cvba, sprl, scrl, asbl, vzw, ivzw, aisbl, besloten vennootschap, naamloze vennootschap

  spa, srl, srls, sapa, scarl, scpa, soc coop, societa per azioni, societa a responsabilita limitata
  sl, slu, sll, slp, sau, s coop, sociedad anonima, sociedad limitada, sociedad de responsabilidad limitada
  de cv, s de rl, sapi de cv, sab de cv, sac, eirl, cia, y cia, e cia, ltda, lda, limitada, unipessoal, sgps, eireli

  ab, publ, aktiebolag, hb, kb, handelsbolag, kommanditbolag, as, asa, ans, aksjeselskap, allmennaksjeselskap
  aps, ivs, ks, amba, aktieselskab, anpartsselskab, oy, oyj, ky, ry, osakeyhtio, hf, ehf, ohf
  ou, osauhing, aktsiaselts, uab, sia

  sp zoo, spolka z ograniczona odpowiedzialnoscia, spolka akcyjna, sp j, sp k, ska, psa
  sro, spol sro, vos, akciova spolecnost, kft, zrt, nyrt, kkt, korlatolt felelossegu tarsasag
  doo, dooel, dd, ad, ead, ood, eood, sh pk, sh a, ад, еад, оод, еоод, доо, αε, επε, ικε
  sti, ltd sti, anonim sirketi, limited sirketi, בע מ, בעמ

  ооо, ао, пао, зао, оао, нао, тов, тоо, ат, пат, прат
  kk, gk, yk, kabushiki kaisha, kabushiki gaisha, kabushikikaisha, godo kaisha, yugen kaisha
  株式会社, 株式會社, 有限会社, 合同会社, 株, 有限公司, 股份有限公司, 有限责任公司, 有限責任公司, 주식회사, 유한회사, 주
`);

/** In front of a name: fewer, since a name may well start with what looks like one ("As", "Spa"). */
export const FORMS_IN_FRONT: ReadonlySet<string> = forms(`
  pt, cv, uab, sia, llc, limited liability company, jsc, pjsc, ojsc, cjsc
  joint stock company, public joint stock company, open joint stock company, closed joint stock company
  ooo, oao, zao, pao, ооо, ао, пао, зао, оао, нао, тов, тоо, ат, пат, прат, ад, еад, оод, еоод, фгуп, гуп, муп
  общество с ограниченной ответственностью, акционерное общество, публичное акционерное общество
  株式会社, 株式會社, 有限会社, 合同会社, 株, 주식회사, 유한회사, 주
`);

/** Those that are written without a space between them and the name, the longer first. */
export const ATTACHED_FORMS: readonly string[] = [...FORMS_AT_END]
  .filter((form) => /^[\p{Script=Han}\p{Script=Hangul}]{4,}$/u.test(form))
  .sort((a, b) => b.length - a.length);

/** The most words that a form has. */
export const FORM_WORD_COUNT_MAX = Math.max(
  ...[...FORMS_AT_END, ...FORMS_IN_FRONT].map((form) => form.split(" ").length),
);

function forms(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s*[,\n]\s*/));
}
