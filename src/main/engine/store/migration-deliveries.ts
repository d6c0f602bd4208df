/** How many of its last deliveries are kept of each webhook. */
export const KEPT_DELIVERIES = 100

/** What came of telling: each try that was made lately, with the message, so that it can be sent again. */
export const DELIVERY_MIGRATION = `
  CREATE TABLE webhook_delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    -- NULL for a test.
    event_id INTEGER,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    body TEXT NOT NULL,
    took_ms INTEGER NOT NULL,
    -- Of HTTP; NULL when nobody answered.
    status INTEGER,
    -- Empty when it was taken.
    error TEXT NOT NULL
  ) STRICT;
  CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, id);
  CREATE TRIGGER webhook_delivery_limit AFTER INSERT ON webhook_delivery BEGIN
    DELETE FROM webhook_delivery WHERE webhook_id = NEW.webhook_id AND id <=
      (SELECT id FROM webhook_delivery WHERE webhook_id = NEW.webhook_id ORDER BY id DESC LIMIT 1 OFFSET ${KEPT_DELIVERIES});
  END;
`
