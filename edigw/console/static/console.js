// Every page works without this file; it adds comfort only. No framework, no build step.
const $ = (q, n = document) => n.querySelector(q), $$ = (q, n = document) => [...n.querySelectorAll(q)];

// Light, dark: the system decides until the reader does.
const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset.theme = theme;
const toggle = $("[data-theme-toggle]");
if (toggle) toggle.hidden = false;
toggle?.addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  localStorage.setItem("theme", document.documentElement.dataset.theme = now === "dark" ? "light" : "dark");
});

// "/" goes to the search box.
addEventListener("keydown", (e) => {
  if (e.key === "/" && !e.target.closest("input, textarea, select")) { e.preventDefault(); $("#q")?.focus(); }
});

// Times are written in UTC; here they become those of the reader's zone. The exact UTC stays on hover.
const forms = {
  full: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  date: { day: "numeric", month: "short", year: "numeric" },
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
};
$$("time[data-form]").forEach((t) => {
  t.textContent = new Date(t.dateTime).toLocaleString("en-GB", { ...forms[t.dataset.form], hourCycle: "h23" });
});

// Tabs. Without script all panels are shown one after another; each has its own address (#raw).
const tabs = $$("[role=tab]");
const show = (tab, focus) => {
  for (const t of tabs) {
    t.setAttribute("aria-selected", t === tab);
    t.tabIndex = t === tab ? 0 : -1;
    document.getElementById(t.getAttribute("aria-controls")).hidden = t !== tab;
  }
  tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;
  if (focus) { tab.focus(); history.replaceState(null, "", "#" + tab.getAttribute("aria-controls")); }
};
if (tabs.length) {
  const target = () => document.getElementById(location.hash.slice(1));
  const go = () => {
    const panel = target()?.closest("[role=tabpanel]");
    show(tabs.find((t) => t.getAttribute("aria-controls") === panel?.id) ?? tabs[0]);
    if (panel && panel !== target()) target().scrollIntoView({ block: "center" });
  };
  go();
  addEventListener("hashchange", go);
  tabs.forEach((t, i) => {
    t.addEventListener("click", () => show(t, true));
    t.addEventListener("keydown", (e) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[e.key];
      if (to !== undefined) { e.preventDefault(); show(tabs[(to + tabs.length) % tabs.length], true); }
    });
  });
}

// Raw view: arrow keys walk from element to element; the line at the foot says what it is.
const els = $$(".raw .el[data-n]");
els.forEach((el, i) => {
  el.tabIndex = i ? -1 : 0;
  const tell = () => { const box = $(".inspect"); if (box) box.textContent = el.closest("li").dataset.seg + " · " + el.dataset.n; };
  el.addEventListener("focus", tell);
  el.addEventListener("mouseenter", tell);
  el.addEventListener("keydown", (e) => {
    const to = els[i + ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key] ?? NaN)];
    if (to) { e.preventDefault(); el.tabIndex = -1; to.tabIndex = 0; to.focus(); }
  });
});

// Translation: pointing at a line lights up what it became.
$$(".pair [data-t]").forEach((line) => {
  const ids = line.dataset.t.split(" ");
  const set = (on) => $$(".pair [data-t]").filter((o) => o.dataset.t.split(" ").some((t) => ids.includes(t))).forEach((o) => o.classList.toggle("on", on));
  for (const [ev, on] of [["mouseenter", 1], ["mouseleave", 0], ["focus", 1], ["blur", 0]]) line.addEventListener(ev, () => set(Boolean(on)));
});

// Bulk selection: without script every box and button is there anyway.
const boxes = $$("tbody input[type=checkbox]"), all = $("[data-all]"), bulk = $(".bulk");
const count = () => {
  const n = boxes.filter((b) => { b.closest("tr").classList.toggle("sel", b.checked); return b.checked; }).length;
  if (bulk) bulk.hidden = !n;
  $$("[data-count]").forEach((c) => (c.textContent = n));
  if (all) { all.indeterminate = n > 0 && n < boxes.length; all.checked = n > 0 && n === boxes.length; }
};
boxes.forEach((b) => b.addEventListener("change", count));
if (all) all.hidden = false;
all?.addEventListener("change", () => { boxes.forEach((b) => (b.checked = all.checked)); count(); });
if (boxes.length) count();

// What goes on is looked at again after a moment.
const again = $("[data-again]");
if (again) setTimeout(() => location.reload(), Number(again.dataset.again) * 1000);
$("[data-print]")?.addEventListener("click", () => print());
