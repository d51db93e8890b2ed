// Light or dark: as the system wishes, until somebody says otherwise. A page that is a file may not be let to remember.

const THEMES = ["auto", "dark", "light"];

function beginTheme(button) {
  let theme = "auto";
  try {
    theme = localStorage.getItem("stormglass-theme") ?? "auto";
  } catch {
    // Nothing is remembered here.
  }
  const show = () => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  const next = () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    show();
    try {
      localStorage.setItem("stormglass-theme", theme);
    } catch {
      // Nor here.
    }
  };
  button.addEventListener("click", next);
  show();
  return next;
}
