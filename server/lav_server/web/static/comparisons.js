/** Ways to see two pictures at once, drawn with a canvas's pen. */

const DOUBLINGS = 2; // what differs is shown 4 times stronger

export const COMPARISONS = {
  /** The left one as far as `split`, 0..1 of the width. */
  wipe(pen, left, right, width, height, split) {
    const edge = Math.round(split * width);
    const across = edge * (left.width / width);
    pen.drawImage(right, 0, 0, width, height);
    if (edge > 0) pen.drawImage(left, 0, 0, across, left.height, 0, 0, edge, height);
    pen.fillStyle = "rgb(255 255 255 / 80%)";
    if (edge > 0 && edge < width) pen.fillRect(edge - 1, 0, 2, height);
  },

  sides(pen, left, right, width, height) {
    pen.drawImage(left, 0, 0, width, height);
    pen.drawImage(right, width, 0, width, height);
  },

  difference(pen, left, right, width, height) {
    pen.drawImage(left, 0, 0, width, height);
    pen.globalCompositeOperation = "difference";
    pen.drawImage(right, 0, 0, width, height);
    pen.globalCompositeOperation = "lighter";
    for (let times = 0; times < DOUBLINGS; times++) pen.drawImage(pen.canvas, 0, 0);
    pen.globalCompositeOperation = "source-over";
  },
};
