// Shows the notifications of calls, where a page alone can't, and brings the page to the front when one is clicked.

addEventListener('install', () => skipWaiting());

addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(toPage(event.action || 'show', event.notification.tag));
});

async function toPage(act, call) {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!pages.length) return clients.openWindow('/');
  for (const page of pages) page.postMessage({ act, call });
  return pages[0].focus().catch(() => {});
}
