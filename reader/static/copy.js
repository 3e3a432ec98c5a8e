// Copies what a button names. Without it the text can be selected as any other.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.textContent.trim());
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 2000);
  });
}
