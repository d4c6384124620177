// Python starts when a reader rests on a button that will need it: then it is there, or
// nearly, when the button is pressed. Not by touch, where a finger that scrolls rests on
// anything, and not where data are to be saved or slow to come.
recbookLive.ahead = (button, start) => {
  const REST = 150; // ms: who passes over a button, or by it with Tab, does not mean it
  let timer;
  const leave = () => clearTimeout(timer);
  const rest = ({ pointerType }) => {
    const { saveData, effectiveType = "4g" } = navigator.connection ?? {};
    if (saveData || effectiveType !== "4g" || pointerType === "touch") return;
    leave();
    timer = setTimeout(start, REST);
  };
  for (const kind of ["pointerenter", "focus"]) button.addEventListener(kind, rest);
  for (const kind of ["pointerleave", "blur"]) button.addEventListener(kind, leave);
};
