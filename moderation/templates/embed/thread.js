// A story's comments on the page of a site: docs/embedding.md. No cookies, no other scripts.
// Whatever a reader wrote becomes a text node, and nothing else.
"use strict";
(() => {
  const STYLE = {{ style | tojson }};
  const OFFLINE = {{ offline | tojson }};
  const SECONDS = 15;
  const TOKEN_SECONDS = 240;
  const LOOK_AFTER = [600, 1500, 3000, 6000, 12000];

  const tag = document.currentScript;
  const said = tag.dataset;
  const service = new URL(".", tag.src).href;
  const language = said.lang || document.documentElement.lang || "en";
  const kept = {
    get(store, name) { try { return store().getItem(name) || ""; } catch { return ""; } },
    set(store, name, value) {
      try { value ? store().setItem(name, value) : store().removeItem(name); } catch { /* private */ }
    },
  };
  const forGood = () => localStorage;
  const forNow = () => sessionStorage;
  const guestAt = `comments-guest:${said.site}`;
  const nameAt = `comments-name:${said.site}`;
  const draftAt = `comments-draft:${said.site}:${said.story}`;

  let guest = kept.get(forGood, guestAt);
  let token = { value: said.token || "", since: Date.now() };
  let thread = null;
  let L = {};

  // --- the service -------------------------------------------------------------------------

  class Turned extends Error {
    constructor(why, says) { super(says); this.why = why; }
  }

  async function identity() {
    const old = Date.now() - token.since > TOKEN_SECONDS * 1000;
    if (said.tokenUrl && (!token.value || old)) {
      token = { value: "", since: Date.now() };
      try {
        const answer = await fetch(said.tokenUrl, { credentials: "same-origin" });
        if (answer.status === 200) token.value = (await answer.json()).token || "";
      } catch { /* somebody who is not logged in */ }
    }
    if (token.value) return { Authorization: `Bearer ${token.value}` };
    return guest ? { Authorization: `Guest ${guest}` } : {};
  }

  async function ask(path, fields, query = {}, again = false) {
    const address = new URL(`thread/${encodeURIComponent(said.site)}/${path}`, service);
    address.search = new URLSearchParams({ ...query, lang: language });
    let answer, body;
    try {
      answer = await fetch(address, {
        method: fields ? "POST" : "GET",
        headers: await identity(),
        body: fields && new URLSearchParams(fields),
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(SECONDS * 1000),
      });
      body = await answer.json();
    } catch {
      throw new Turned("away", "");
    }
    if (answer.ok) return body;
    if (body.why === "guest-unknown") { guest = ""; kept.set(forGood, guestAt, ""); await read(); }
    if (body.why === "token-refused" && said.tokenUrl && !again) {
      token = { value: "", since: 0 };
      return ask(path, fields, query, true);
    }
    throw new Turned(body.why, body.says);
  }

  // --- what is shown -----------------------------------------------------------------------

  function make(name, attributes = {}, ...inside) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "does") element.addEventListener(name === "form" ? "submit" : "click", value);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value !== null) element.setAttribute(key, value);
    }
    element.append(...inside.filter((one) => one !== null && one !== false && one !== ""));
    return element;
  }

  const filled = (sentence, name) => sentence.replace("%(name)s", () => name);

  function moment(at) {
    const date = new Date(at);
    let shown;
    try {
      const how = { dateStyle: "medium", timeStyle: "short" };
      shown = new Intl.DateTimeFormat(thread.lang, how).format(date);
    } catch { shown = date.toLocaleString(); }
    return make("time", { datetime: at }, shown);
  }

  function words(parts) {
    const link = { rel: "ugc nofollow noopener", target: "_blank" };
    const inside = parts.map(([text, href]) => (href ? make("a", { ...link, href }, text) : text));
    return make("p", { class: "words", dir: "auto" }, ...inside);
  }

  const status = () => make("p", { class: "says", role: "status" });

  function tell(place, says, wrong = false) {
    place.classList.toggle("wrong", wrong && Boolean(says));
    place.textContent = says;
  }

  const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

  // A form that sends itself: `send` answers what is to be said. What was typed stays until it has
  // been taken.
  function form(fields, label, send, { cancel = null, says = status() } = {}) {
    const button = make("button", { class: "main" }, label);
    const back = cancel && make("button", { type: "button", does: cancel }, L.cancel);
    let key = newKey();
    const submit = async (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      tell(says, "");
      try {
        tell(says, await send(Object.fromEntries(new FormData(event.target)), key));
        key = newKey();
      } catch (error) {
        tell(says, (error instanceof Turned && error.message) || L.kept, true);
      }
      button.disabled = false;
    };
    return make("form", { does: submit }, ...fields, make("div", { class: "acts" }, button, back), says);
  }

  function field(label, name, attributes = {}, kind = "textarea") {
    return make("label", {}, make("span", {}, label), make(kind, { name, ...attributes }));
  }

  function chosen(label, name, options) {
    const inside = options.map(([value, text]) => make("option", { value }, text));
    return make("label", {}, make("span", {}, label), make("select", { name }, ...inside));
  }

  // Where a comment's forms open. They stay when the thread is read anew: somebody may be writing.
  const places = new Map();
  function placeOf(id) {
    if (!places.has(id)) places.set(id, make("div"));
    return places.get(id);
  }

  // Opens a form below what it is about; a second time it goes away, and back to the button.
  function opens(button, place, kind, made) {
    const expand = (open) => {
      place.dataset.open = open ? kind : "";
      button.setAttribute("aria-expanded", String(open));
    };
    const close = () => {
      place.replaceChildren();
      expand(false);
      button.focus();
    };
    button.setAttribute("aria-expanded", String(place.dataset.open === kind));
    button.addEventListener("click", () => {
      if (place.dataset.open === kind) return close();
      for (const other of button.parentNode.children) other.setAttribute("aria-expanded", "false");
      place.replaceChildren(made(close));
      expand(true);
      place.querySelector("textarea, select, input")?.focus();
    });
    return button;
  }

  // Puts something new in place of the old, and the focus back where it was: a form that is taken
  // along has lost it by then.
  function renew(place, made) {
    const active = root.activeElement;
    place.replaceChildren(...made());
    if (active?.isConnected) active.focus();
  }

  // --- writing -----------------------------------------------------------------------------

  const mayEdit = () => thread.you || thread.guests;
  const mayWrite = () => !thread.closed && mayEdit();

  function writing(parent, cancel) {
    if (!mayWrite()) return null;
    const says = status();
    const name = thread.you
      ? make("p", {}, filled(L.as, thread.you))
      : field(L.name, "name", {
          required: true, maxlength: thread.longest.name, autocomplete: "nickname",
          value: kept.get(forGood, nameAt),
        }, "input");
    const text = field(L.text, "text", { required: true, maxlength: thread.longest.comment, dir: "auto" });
    const area = text.querySelector("textarea");
    if (!parent) {
      area.value = kept.get(forNow, draftAt);
      area.addEventListener("input", () => kept.set(forNow, draftAt, area.value));
    }
    const send = async (fields, key) => {
      const canonical = document.querySelector("link[rel=canonical]");
      const own = await ask("comments", {
        ...fields, key, story: said.story, parent: parent || "",
        url: said.url || (canonical ? canonical.href : location.href.split("#")[0]),
        title: said.title || document.title,
      });
      if (!thread.you) {
        kept.set(forGood, guestAt, guest);
        kept.set(forGood, nameAt, fields.name);
      }
      area.value = "";
      if (!parent) kept.set(forNow, draftAt, "");
      noteOwn(own);
      follow(own, says);
      return own.says;
    };
    return form([name, text], L.send, send, { cancel, says });
  }

  // Looks what becomes of it, for a while: most are judged within a second.
  async function follow(told, says) {
    for (const pause of LOOK_AFTER) {
      await new Promise((done) => setTimeout(done, pause));
      let own;
      try { own = await ask(`comments/${told.id}`); } catch { return; }
      if (own.says === told.says) continue;
      tell(says, own.says);
      if (own.status === "approved") await read();
      else noteOwn(own);
      return;
    }
  }

  function noteOwn(own) {
    thread.own = [...thread.own.filter((one) => one.id !== own.id), own];
    showOwn();
  }

  function editing(own, cancel) {
    const says = status();
    const text = field(L.edited_text, "text", {
      required: true, maxlength: thread.longest.comment, dir: "auto",
    });
    text.querySelector("textarea").value = own.text;
    const send = async (fields) => {
      const now = await ask(`comments/${own.id}`, fields);
      places.delete(own.id);
      await read();
      follow(now, board.says);
      tell(board.says, now.says);
      return "";
    };
    return form([text], L.send, send, { cancel, says });
  }

  function reporting(id, cancel) {
    const fields = [
      chosen(L.report_why, "reason", thread.reports),
      field(L.report_words, "text", { maxlength: thread.longest.report, dir: "auto" }),
    ];
    const send = async (filledIn) => {
      const { says } = await ask(`comments/${id}/report`, filledIn);
      tell(board.says, says);
      cancel();
      return "";
    };
    return form(fields, L.report, send, { cancel });
  }

  function appealing(own, cancel) {
    const text = field(L.appeal_why, "text", {
      required: true, maxlength: thread.longest.appeal, dir: "auto",
    });
    const send = async (fields) => {
      const now = await ask(`comments/${own.id}/appeal`, fields);
      places.delete(own.id);
      noteOwn(now);
      tell(board.says, now.appealed);
      return "";
    };
    return form([text], L.appeal, send, { cancel });
  }

  // --- the thread --------------------------------------------------------------------------

  function shown(comment, names) {
    const depth = Math.min(comment.depth, 4) || null;
    if (comment.gone) {
      return make("li", { "data-depth": depth, id: `comment-${comment.id}` },
        make("p", { class: "gone" }, comment.gone));
    }
    const own = thread.own.find((one) => one.id === comment.id);
    const name = comment.name || L.guest;
    const place = placeOf(comment.id);
    const acts = [];
    const button = (label, of) =>
      make("button", { type: "button", "aria-label": filled(of, name) }, label);
    if (mayWrite()) {
      const answer = button(L.reply, L.reply_to);
      acts.push(opens(answer, place, "answer", (close) => writing(comment.id, close)));
    }
    if (own && mayEdit()) {
      const edit = make("button", { type: "button" }, L.edit);
      acts.push(opens(edit, place, "edit", (close) => editing(own, close)));
    } else if (!own && mayEdit()) {
      const report = button(L.report, L.report_of);
      acts.push(opens(report, place, "report", (close) => reporting(comment.id, close)));
    }
    const answered = names.get(comment.parent);
    return make("li", { "data-depth": depth, id: `comment-${comment.id}` },
      make("article", { "aria-label": name },
        make("div", { class: "by" },
          make("bdi", { class: "name" }, name),
          comment.guest && comment.name ? make("span", {}, L.guest) : null,
          answered ? make("span", {}, filled(L.answers, answered)) : null,
          moment(comment.posted_at),
          comment.edited ? make("span", {}, L.edited) : null),
        words(comment.parts),
        make("div", { class: "acts small" }, ...acts),
        place));
  }

  function showOwn() {
    const shownNow = new Set(thread.comments.filter((one) => !one.gone).map((one) => one.id));
    const waiting = thread.own.filter((own) => !shownNow.has(own.id) && own.status !== "approved");
    if (!waiting.length) return board.own.replaceChildren();
    const item = (own) => {
      const place = placeOf(own.id);
      const button = (label) => make("button", { type: "button" }, label);
      const edit = own.status !== "blocked" && mayEdit()
        && opens(button(L.edit), place, "edit", (close) => editing(own, close));
      const appeal = own.may_appeal
        && opens(button(L.appeal), place, "appeal", (close) => appealing(own, close));
      return make("li", {},
        make("p", { class: "words", dir: "auto" }, own.text),
        make("p", {}, make("b", {}, own.says)),
        own.reason ? make("p", { dir: "auto" }, own.reason) : null,
        own.appealed ? make("p", {}, own.appealed) : null,
        make("div", { class: "acts small" }, edit, appeal),
        place);
    };
    renew(board.own, () => [
      make("h3", {}, L.own),
      make("ul", { class: "own", role: "list" }, ...waiting.map(item)),
    ]);
  }

  function policy() {
    const rules = thread.policy;
    if (!rules) return null;
    const clauses = rules.clauses.flatMap((one) => [
      make("dt", {}, one.title), make("dd", { class: "words" }, one.text),
    ]);
    return make("details", {},
      make("summary", {}, rules.title || L.rules),
      make("p", { class: "words" }, rules.text),
      make("dl", {}, ...clauses));
  }

  function signIn() {
    if (thread.closed) return make("p", {}, L.closed);
    if (mayWrite()) return null;
    return make("p", {}, said.signIn
      ? make("a", { href: said.signIn, target: "_top" }, L.sign_in) : L.only_known);
  }

  function list() {
    const names = new Map(thread.comments.map((one) => [one.id, one.name]));
    if (!thread.comments.length) return [make("p", {}, L.none)];
    const items = thread.comments.map((comment) => shown(comment, names));
    const more = thread.next && make("button", {
      type: "button",
      does: async () => {
        try {
          const page = await ask("comments", null, { story: said.story, after: thread.next });
          const first = page.comments[0];
          thread.comments.push(...page.comments);
          thread.next = page.next;
          board.list.replaceChildren(...list());
          const at = first && root.getElementById(`comment-${first.id}`);
          if (at) { at.tabIndex = -1; at.focus(); }
        } catch (error) { tell(board.says, error.message || L.away, true); }
      },
    }, L.more);
    return [make("ol", { class: "comments", role: "list" }, ...items), more].filter(Boolean);
  }

  const board = {};
  let root;

  // Reads the thread anew, as far as it was read; a form that somebody is writing in stays.
  async function read() {
    const far = thread ? thread.comments.length : 0;
    const fresh = await ask("comments", null, { story: said.story });
    while (fresh.next && fresh.comments.length < far) {
      const page = await ask("comments", null, { story: said.story, after: fresh.next });
      fresh.comments.push(...page.comments);
      fresh.next = page.next;
    }
    thread = fresh;
    L = fresh.labels;
    if (fresh.guest) guest = fresh.guest;
    if (!board.list) return build();
    board.heading.textContent = heading();
    renew(board.list, list);
    showOwn();
  }

  const heading = () => (thread.count ? thread.counted : L.title);

  function build() {
    board.heading = make("h2", {}, heading());
    board.says = status();
    board.own = make("div");
    board.list = make("div");
    const form = writing(null, null);
    const spoken = { lang: thread.lang, dir: thread.dir };
    root.replaceChildren(make("section", { class: "thread", "aria-label": L.title, ...spoken },
      board.heading, policy(), signIn(), form, board.says, board.own, board.list));
    board.list.replaceChildren(...list());
    showOwn();
    if (thread.refused) tell(board.says, thread.refused, true);
  }

  async function begin() {
    const host = document.createElement("div");
    const container = document.querySelector(said.into || "#comments");
    if (container) container.replaceChildren(host); else tag.after(host);
    root = host.attachShadow({ mode: "open" });
    // A sheet, and no element: a page's own policy may refuse the styles of elements.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    try {
      await read();
    } catch (error) {
      const known = OFFLINE[language.split("-")[0].toLowerCase()] || OFFLINE.en;
      const says = error instanceof Turned && error.message ? error.message : known.away;
      const section = { class: "thread", "aria-label": known.title };
      root.replaceChildren(make("section", section, make("p", { role: "status" }, says)));
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
