// The worker that times for clock.js.

onmessage = ({ data: { id, ms } }) => setTimeout(() => postMessage(id), ms);
