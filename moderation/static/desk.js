// The keys, where the focus goes after a decision, and what is said aloud. The desk works without
// this file, and without htmx: it then reloads the page.
"use strict";

(() => {
  const STORED = "desk-keys";
  const page = document.documentElement;
  const say = document.getElementById("say");
  const words = say.dataset; // what is said, in the moderator's language
  const withNumber = (sentence, number) => sentence.replaceAll("{number}", () => number);
  const help = document.getElementById("help");
  const decided = []; // ids of the cards decided on this page, the last one last
  let current = null; // id of the card that had the focus last
  let acting = null; // {id, waits}: the card whose answer is awaited

  const openCards = () => [...document.querySelectorAll("article.card.open")];
  const currentCard = () =>
    document.activeElement?.closest?.("article.card") ?? (current && document.getElementById(current));

  // --- What is said

  function tell(text, wrong = false) {
    say.classList.toggle("wrong", wrong);
    say.textContent = "";
    // In a later turn, so that the same words twice are read out twice.
    setTimeout(() => { say.textContent = text; }, 50);
    clearTimeout(tell.timer);
    tell.timer = setTimeout(() => { say.textContent = ""; }, wrong ? 12000 : 4000);
  }

  // What went wrong is said on the card that it is about, and stays there until the next answer.
  function complain(element, text, signIn) {
    const card = element?.closest?.("article.card");
    if (!card || card.id === acting?.id) acting = null;
    if (!card) return tell(text, true);
    card.querySelector(".fault")?.remove();
    const line = document.createElement("p");
    line.className = "says fault";
    line.setAttribute("role", "alert");
    line.textContent = text;
    if (signIn) {
      const link = document.createElement("a");
      Object.assign(link, { href: signIn, target: "_blank", rel: "noopener", textContent: words.signIn });
      line.append(" ", link);
    }
    card.prepend(line);
    // The button that was pressed had been switched off meanwhile, and has lost the focus.
    if (!card.contains(document.activeElement)) focusOn(card);
    line.scrollIntoView({ block: "nearest" });
  }

  // --- Going from card to card

  function focusOn(element) {
    if (!element) return;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: element.matches(".card") ? "start" : "nearest" });
  }

  // The card that a key is about. Nothing is decided about one that nobody has chosen: then the
  // first is.
  function chosenCard() {
    const card = currentCard();
    if (!card) focusOn(openCards()[0]);
    return card;
  }

  const after = (here) => openCards().find(
    (card) => here.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING);
  const before = (here) => openCards().findLast(
    (card) => here.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_PRECEDING);
  const nextPage = () => document.getElementById("next");

  function next() {
    const here = chosenCard();
    if (here) focusOn(after(here) ?? nextPage());
  }

  function previous() {
    const here = chosenCard();
    if (here) focusOn(before(here));
  }

  // --- Acts

  // The part of the chosen card that an act is done with.
  function inCard(selector) {
    const card = chosenCard();
    const found = card?.querySelector(selector);
    if (card?.matches(".done") && !found) tell(words.doneAlready, true);
    return found ?? null;
  }

  // Press the card's button for an act; where words are asked for first, go to their field.
  function press(act) {
    const button = inCard(`[data-act=${act}]`);
    return button?.matches("textarea") ? focusOn(button) : button?.click();
  }

  // Open what is kept folded, and go to its first field.
  function fillIn(details) {
    if (!details) return;
    details.open = true;
    focusOn(details.querySelector("select, textarea, input:not([type=hidden])"));
  }

  function openStory() {
    const card = chosenCard();
    if (!card) return;
    const story = card.querySelector("a.story");
    return story ? story.click() : tell(words.noAddress, true);
  }

  // Block for the policy's clause of that number.
  function blockFor(number) {
    const select = inCard("[data-act=clause]");
    if (!select) return;
    const clause = [...select.options].filter((option) => option.value)[number - 1];
    if (!clause) return tell(withNumber(words.noClause, number), true);
    select.value = clause.value;
    select.form.requestSubmit();
  }

  // Choose the card, or all from the last one chosen to it.
  function pick(range) {
    const box = inCard("[data-act=pick]");
    if (!box) return;
    const all = [...document.querySelectorAll("[data-act=pick]")];
    const from = all.findIndex((one) => one.value === pick.last);
    const to = all.indexOf(box);
    if (range && from >= 0) {
      for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) choose(one, true);
    } else {
      choose(box, !box.checked);
    }
    pick.last = box.value;
    const chosen = [...document.querySelectorAll("[form=together]:checked")];
    const number = chosen.reduce((sum, one) => sum + Number(one.dataset.number ?? 1), 0);
    tell(withNumber(words.chosen, number));
  }

  // Go to where the chosen are looked through, and decided at once.
  function decideChosen() {
    if (!document.querySelector("[form=together]:checked")) return tell(words.noneChosen, true);
    document.getElementById("together").requestSubmit();
  }

  // What is folded under a card goes with it.
  function choose(box, on) {
    box.checked = on;
    if (box.closest(".fold")) return; // an unfolded one, which goes alone
    for (const also of box.closest(".bundle")?.querySelectorAll("[name=also]") ?? []) also.checked = on;
  }

  function unfold() {
    const card = currentCard();
    const fold = card?.closest(".fold details") ?? card?.closest(".bundle")?.querySelector(".fold details");
    if (!fold) return tell(words.nothingFolded);
    fold.open = !fold.open;
    if (!fold.open || card.closest(".fold")) focusOn(fold.closest(".bundle").querySelector("article"));
  }

  // Take back what was decided last: on this page, or else what the page before has told of.
  function undo() {
    while (decided.length) {
      const button = document.getElementById(decided.pop())?.querySelector("[data-act=undo]");
      if (button) return button.click();
    }
    const told = document.querySelector(".told button");
    return told ? told.click() : tell(words.nothingToUndo);
  }

  // --- Keys

  const KEYS = {
    j: next,
    k: previous,
    [page.dataset.approveKey]: () => press("approve"),
    d: () => focusOn(inCard("[data-act=clause], textarea[data-act=block]")),
    l: () => inCard("[data-act=later]")?.click(),
    e: () => fillIn(inCard("[data-act=escalate]")),
    r: () => fillIn(inCard("[data-act=explain]")),
    m: unfold,
    n: () => document.querySelector("form.deal")?.requestSubmit(),
    x: () => pick(false),
    X: () => pick(true),
    c: decideChosen,
    "/": () => fillIn(document.querySelector("details.filters")),
    o: openStory,
    u: () => inCard(".words")?.classList.toggle("bare"),
    z: undo,
    "?": () => help?.showModal(),
  };
  for (const number of "123456789") KEYS[number] = () => blockFor(number);

  const keysOn = () => {
    if (!page.dataset.approveKey) return false; // switched off in the account
    try { return localStorage.getItem(STORED) !== "off"; } catch { return true; }
  };

  function showKeys() {
    page.classList.toggle("keyed", keysOn() && Boolean(help));
    const box = document.getElementById("keys-on");
    if (box) box.checked = keysOn();
  }

  // A keyboard of other letters (Cyrillic, Armenian) has the keys where a Latin one has them. One of
  // Latin letters goes by what it types: elsewhere on it lies another letter than the code says.
  function keyOf({ key, code, shiftKey }) {
    if (Object.hasOwn(KEYS, key)) return key;
    if (code === "Slash" && (key === "." || key === ",")) return shiftKey ? "?" : "/"; // Cyrillic
    if (!/^(?:(?!\p{Script=Latin})\p{L}|\p{Script=Armenian})$/u.test(key)) return key;
    if (code === "Slash") return shiftKey ? "?" : "/";
    const [, letter, digit] = /^(?:Key([A-Z])|Digit([1-9]))$/.exec(code) ?? [];
    if (letter) return shiftKey ? letter : letter.toLowerCase();
    return digit && !shiftKey ? digit : key;
  }

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.(
      "input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field?.matches("article textarea")) {
      event.preventDefault();
      return field.form.requestSubmit();
    }
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
    const card = field?.closest("article.card");
    const key = keyOf(event);
    if (field && event.key === "Escape" && (card || help)) {
      const comment = currentCard() ?? openCards()[0];
      return comment ? focusOn(comment) : field.blur();
    }
    if (card && event.key === "Enter" && field.matches("select")) {
      event.preventDefault(); // browsers open the list, or do nothing
      return field.form.requestSubmit();
    }
    const block = field?.closest(".together .block");
    if (block && event.key === "Enter") {
      event.preventDefault(); // browsers press the form's first button, which approves
      return block.querySelector("button").click();
    }
    if (field || !help || !keysOn() || event.repeat && !"jk".includes(key)) return;
    const act = Object.hasOwn(KEYS, key) ? KEYS[key] : null;
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("focusin", (event) => {
    const card = event.target.closest?.("article.card");
    if (card) current = card.id;
  });

  // A saved reply is for one clause: whoever chooses it means that one.
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-act=reply]")) return;
    const { clause } = event.target.selectedOptions[0].dataset;
    if (clause) event.target.form.elements.clause.value = clause;
  });

  document.getElementById("show-help")?.addEventListener("click", () => help.showModal());
  document.getElementById("keys-on")?.addEventListener("change", (event) => {
    try { localStorage.setItem(STORED, event.target.checked ? "on" : "off"); } catch { /* kept for this page */ }
    showKeys();
  });

  // --- Answers, that htmx puts in place of a card or of the page

  function count(by) {
    const heading = document.getElementById("waiting");
    const number = Number(heading?.dataset.count) + by;
    if (!heading || Number.isNaN(number) || heading.dataset.count > 1000) return;
    heading.dataset.count = Math.max(number, 0);
    heading.textContent = number > 0 ? withNumber(words.waiting, number) : words.nothingWaits;
  }

  // What is said when nothing on the page is left to decide.
  const theEnd = () => (
    document.getElementById("waiting")?.dataset.count === "0" ? words.nothingWaits : words.pageDone);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const card = event.detail.target?.closest?.("article.card");
    if (card === event.detail.target && card) acting = { id: card.id, waits: card.matches(".open") };
  });

  // A comment may be like one card and by the commenter of another: unfolded, it is shown once.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.target.matches(".fold .cards")) return;
    const cards = document.createElement("template");
    cards.innerHTML = event.detail.serverResponse;
    for (const card of cards.content.querySelectorAll("article")) {
      if (document.getElementById(card.id)) card.remove();
    }
    event.detail.serverResponse = cards.innerHTML;
  });

  // A page that came in place of another, after an answer: what was done is said, and the focus goes
  // to the card that is next.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!event.target.matches?.("main")) return;
    const told = event.target.querySelector(".told p, [role=alert]");
    if (told) tell(told.textContent);
    focusOn(event.target.querySelector("[autofocus]"));
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const card = event.target.matches?.("article.card") ? event.target : null;
    if (!card || !acting || card.id !== acting.id) return;
    count(card.matches(".open") - acting.waits);
    acting = null;
    if (card.classList.contains("open")) {
      tell(card.dataset.says);
      return focusOn(card);
    }
    // A refused act shows what a colleague did: z takes back one's own alone.
    if (event.detail.xhr.status < 400 && card.querySelector("[data-act=undo]")) decided.push(card.id);
    current = card.id;
    const [first] = openCards();
    tell(first ? card.dataset.says : `${card.dataset.says.replace(/\.$/, "")}. ${theEnd()}`);
    focusOn(after(card) ?? first ?? nextPage() ?? card);
  });

  // After somebody has signed in again in another tab, the forms here are theirs still.
  function sendAgain(form, token) {
    for (const field of document.getElementsByName("csrf_token")) field.value = token;
    form.dataset.again = "yes";
    setTimeout(() => form.requestSubmit(), 0); // this answer is still being dealt with
  }

  // What a page sends by itself: its failing is nobody's business.
  const beside = ({ verb, path } = {}) => verb === "get" || path?.endsWith("/lease");
  for (const [fault, says] of [["htmx:sendError", words.notSent], ["htmx:timeout", words.noAnswer]]) {
    document.addEventListener(fault, ({ detail }) => {
      if (!beside(detail.requestConfig)) complain(detail.elt, says);
    });
  }
  document.addEventListener("htmx:responseError", ({ detail: { xhr, requestConfig, elt } }) => {
    if (beside(requestConfig)) return;
    const token = xhr.getResponseHeader("Desk-Form-Token");
    if (token && elt.matches("form") && !elt.dataset.again) return sendAgain(elt, token);
    const plain = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
    const says = plain ? xhr.responseText : withNumber(words.fault, xhr.status);
    complain(elt, says, xhr.getResponseHeader("Desk-Sign-In"));
  });

  const isWriting = (card) => [...card.querySelectorAll("input[name=note], textarea")].some(
    (field) => field.value !== field.defaultValue);

  // A colleague's act replaces the card in its place, but not under the hands of somebody who is
  // writing: then it is said there, and what is written stays. Nor while the answer to one's own act
  // is awaited, which says what has happened to it.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target: card, fragment } = event.detail;
    const told = fragment.querySelector?.("article.card");
    if (!told || !card.matches("article.card")) return;
    const same = card.matches(".done") && card.dataset.says === told.dataset.says;
    const writing = isWriting(card);
    event.detail.shouldSwap = !same && !writing && card.id !== acting?.id;
    if (writing && !same) return complain(card, `${told.dataset.says}.`);
    // It stays as tall as it was, or what somebody reads below it would jump up.
    const place = card.closest(".bundle");
    const { top, height } = place.getBoundingClientRect();
    if (top < innerHeight) place.style.minHeight = `${height}px`;
    // What was written when a colleague was faster goes back into its fields.
    for (const [name, words] of Object.entries(card.querySelector(".outcome")?.dataset ?? {})) {
      const field = told.querySelector("form.block")?.elements[name];
      if (field) field.value = words;
    }
  });

  // What had the focus went with the old card.
  document.addEventListener("htmx:oobAfterSwap", ({ target: card }) => {
    if (card.id !== current || document.activeElement !== document.body) return;
    card.focus({ preventScroll: true });
  });

  // --- The page as it comes

  page.classList.add("scripted");
  showKeys();
  if (document.querySelector(".hand")) focusOn(openCards()[0]);
  // Back from deciding many: what was done is said, stays in sight, and the first card is next.
  const told = help && document.querySelector(".told p");
  if (told && openCards().length && !document.querySelector("[autofocus]")) {
    tell(told.textContent);
    openCards()[0].focus({ preventScroll: true });
  }
})();
