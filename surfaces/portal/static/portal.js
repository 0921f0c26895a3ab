// Makes pages that work without it calmer: looks again without reloading, and sends each form once.
"use strict";
(() => {
  const parts = () => document.querySelectorAll("[data-poll][id]");

  async function look() {
    const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of parts()) replace(part, fresh.getElementById(part.id));
    replace(document.getElementById("nav"), fresh.getElementById("nav"));
    document.title = fresh.title;
  }

  function replace(old, young) {
    if (!old || !young || old.contains(document.activeElement) || old.isEqualNode(young)) return;
    const news = document.getElementById("news");
    if (news && old.dataset.marks !== young.dataset.marks) news.hidden = false;
    old.replaceWith(young);
  }

  function wait() {
    const seconds = [...parts()].map((part) => Number(part.dataset.poll));
    if (seconds.length) setTimeout(again, 1000 * Math.min(...seconds));
  }

  async function again() {
    if (!document.hidden) await look().catch(() => {});
    wait();
  }

  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));
  wait();
})();
