() => {
  // A reading on offer is asked by a click, or by Enter while it has the focus.
  const choose = (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    const choice = event.target.closest("#chat .tr-choice");
    const box = document.querySelector("#entry textarea");
    if (!choice || !box || box.disabled) return;
    event.preventDefault();
    box.value = choice.querySelector(".tr-choice-question").textContent;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => document.querySelector("#entry button.submit-button").click(), 50);
  };
  document.addEventListener("click", choose);
  document.addEventListener("keydown", choose);
}
