// Generated from the OpenAPI document by: npm run client

export interface paths {
    "/v1/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orders, newest first
         * @description The key needs the scope `orders:read`.
         */
        get: operations["listOrders"];
        put?: never;
        /**
         * Place an order
         * @description Each link gets its numbers as soon as both participants are known. If the pool has no free numbers, the order is `awaiting-numbers` and gets them later. The key needs the scope `orders:write`.
         */
        post: operations["placeOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an order, with the number that each participant dials
         * @description The key needs the scope `orders:read`.
         */
        get: operations["getOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/agent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Assign an agent, and a number to each participant
         * @description Another agent replaces the first. The key needs the scope `orders:write`.
         */
        put: operations["assignAgent"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Order a call: ring one participant, then the other, and join them; once for each Idempotency-Key
         * @description The key needs the scope `orders:write`.
         */
        post: operations["orderCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/calls/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an ordered call, and its state
         * @description The key needs the scope `orders:read`.
         */
        get: operations["getOrderedCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an order
         * @description Calls keep connecting for `cancelGraceSeconds` (default 0). The key needs the scope `orders:write`.
         */
        post: operations["cancelOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Complete an order
         * @description Calls keep connecting for `graceSeconds`; then the numbers return to the pool. The key needs the scope `orders:write`.
         */
        post: operations["completeOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an order after the database was restored
         * @description Calls between its participants connect again, as they are stored. Placing the order again also checks its participants. Does nothing to an order that is not unconfirmed. The key needs the scope `orders:write`.
         */
        post: operations["confirmOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the events of an order, oldest first
         * @description The key needs the scope `orders:read`.
         */
        get: operations["listEventsOfOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/interactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the calls and texts of an order, with the decision, its reason, and the outcome
         * @description The key needs the scope `orders:read`.
         */
        get: operations["listInteractions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/interactions/{provider}/{providerCallId}/recording": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the recording of a call as audio from its provider; audited
         * @description The key needs the scope `support`.
         */
        get: operations["getRecording"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Link two participants of an order
         * @description Each gets a number to reach the other. For participants who are linked already, it changes the direction. The key needs the scope `orders:write`.
         */
        post: operations["openLink"];
        /**
         * Close the link between two participants
         * @description Calls between them no longer connect. An order without links stays open, and nobody on it can be reached. The key needs the scope `orders:write`.
         */
        delete: operations["closeLink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/participants/{role}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Add or replace a participant
         * @description The participant's links get their numbers. Another phone replaces the participant of the role; the others keep their numbers. The same phone again changes nothing. The key needs the scope `orders:write`.
         */
        put: operations["putParticipant"];
        post?: never;
        /**
         * Remove a participant
         * @description Calls to and from the participant no longer connect. The links stay part of the order, for whoever joins in the same role. The key needs the scope `orders:write`.
         */
        delete: operations["removeParticipant"];
        options?: never;
        head?: never;
        /**
         * Correct a participant's phone during an order
         * @description All participants keep their numbers if possible. The key needs the scope `orders:write`.
         */
        patch: operations["correctPhone"];
        trace?: never;
    };
    "/v1/orders/{reference}/participants/{role}/block": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Block calls and texts to this participant from another one
         * @description It applies again if their link is closed and opened again. A later replacement of the other one is not blocked. The key needs the scope `orders:write`.
         */
        post: operations["blockParticipant"];
        /**
         * Remove the block of this participant
         * @description The key needs the scope `orders:write`.
         */
        delete: operations["unblockParticipant"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/participants/{role}/phones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the phones from which a participant may call, the registered one first
         * @description The key needs the scope `orders:read`.
         */
        get: operations["listPhones"];
        put?: never;
        /**
         * Declare an alternate phone
         * @description The participant may call from it; it dials the same numbers and never rings. The key needs the scope `orders:write`.
         */
        post: operations["addPhone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/participants/{role}/phones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove an alternate phone
         * @description Callers from it hear that the order has ended. The key needs the scope `orders:write`.
         */
        delete: operations["removePhone"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/participants/{role}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the PIN with which a participant can call from an unknown phone
         * @description The key needs the scope `orders:write` or `support`.
         */
        get: operations["getPin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reopen an order in its grace: it is active for another lifetime
         * @description The key needs the scope `orders:write`.
         */
        post: operations["reopenOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send up to 1,000 CloudEvents about orders
         * @description In any mode of CloudEvents over HTTP: batched, structured, or binary, with the attributes in headers. They are stored before the response, and applied after it. An event of a batch that cannot be read is stored as rejected; one that comes alone is refused. The key needs the scope `orders:write`.
         */
        post: operations["sendEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/rejected": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List rejected events, newest first
         * @description The key needs the scope `orders:read` or `events`.
         */
        get: operations["listRejectedEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/order-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the events of all orders, or of other types, oldest first, page by page
         * @description The key needs the scope `events`.
         */
        get: operations["listOrderEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow changes of orders, calls, texts and pools as they happen, as server-sent events
         * @description Each message is a CloudEvent. The key sees orders, their calls and texts with `orders:read` or `events`, calls and texts with `support`, and pools with `operate`; of its own pools if it is limited to some. After `stream.reset`, changes are missing: read again what you show. The key needs the scope `orders:read` or `support` or `operate` or `events`.
         */
        get: operations["streamChanges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List all webhook endpoints, oldest first
         * @description The key needs the scope `events`.
         */
        get: operations["listWebhookEndpoints"];
        put?: never;
        /**
         * Add a webhook endpoint; it gets the events from now on
         * @description Store the `secret` of the response: it verifies the requests, and is shown only once. The key needs the scope `events`.
         */
        post: operations["createWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a webhook endpoint
         * @description The key needs the scope `events`.
         */
        get: operations["getWebhookEndpoint"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook endpoint
         * @description The key needs the scope `events`.
         */
        delete: operations["deleteWebhookEndpoint"];
        options?: never;
        head?: never;
        /**
         * Change a webhook endpoint, disable it, or enable it again
         * @description The key needs the scope `events`.
         */
        patch: operations["changeWebhookEndpoint"];
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the attempts to send to a webhook endpoint, newest first
         * @description The key needs the scope `events`.
         */
        get: operations["listWebhookAttempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the events since an instant again
         * @description The key needs the scope `events`.
         */
        post: operations["replayWebhookEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace the secret; both secrets sign for `overlapSeconds`
         * @description The key needs the scope `events`.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test event (`webhook.test`) now, and say what came back
         * @description Also to a disabled endpoint. If it is acknowledged, events that wait for their next attempt follow at once. The key needs the scope `events`.
         */
        post: operations["testWebhookEndpoint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List all pools, with policy and level
         * @description The key needs the scope `operate`.
         */
        get: operations["listPools"];
        put?: never;
        /**
         * Open a pool; Maskline buys its first numbers at once
         * @description The key needs the scope `operate`.
         */
        post: operations["openPool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a pool, with policy and level
         * @description The key needs the scope `operate`.
         */
        get: operations["getPool"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a pool's policy
         * @description Running orders keep their times; calls follow the new policy at once. The key needs the scope `operate`.
         */
        patch: operations["changePool"];
        trace?: never;
    };
    "/v1/pools/{name}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Supply alerts for a pool: budgets, lost numbers, providers in trouble
         * @description The key needs the scope `operate`.
         */
        get: operations["listSupplyEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/forecast": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Forecast of the numbers that the pool will need, with the reason
         * @description The key needs the scope `operate`.
         */
        get: operations["getForecast"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/number-health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare the calls through each of the pool's numbers with those of the others
         * @description The key needs the scope `operate`.
         */
        get: operations["listNumberHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/policy-preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say what a change of the pool's policy would do, in numbers and in words
         * @description Takes what `PATCH /v1/pools/{name}` takes, refuses what it refuses, and changes nothing. The key needs the scope `operate`.
         */
        post: operations["previewPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/purchases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the purchases of numbers for the pool, with the step that each has reached, newest first
         * @description The key needs the scope `operate`.
         */
        get: operations["listPurchases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/replenish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a replenishment round for the pool now, with a fresh list of the provider
         * @description The key needs the scope `operate`.
         */
        post: operations["replenishPool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List virtual numbers, with what they serve
         * @description The key needs the scope `operate`.
         */
        get: operations["listNumbers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import numbers you already own
         * @description Their call flow must already point to Maskline. The key needs the scope `operate`.
         */
        post: operations["importNumbers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/{number}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Drain a number: it serves its orders and takes no new ones
         * @description The key needs the scope `operate`.
         */
        post: operations["drainNumber"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/{number}/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare the calls through this number with those of its pool
         * @description The key needs the scope `operate`.
         */
        get: operations["getNumberHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/{number}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a draining, resting or withheld number
         * @description Also disables automatic resting of this number for 7 days. Resume a withheld number only if nobody can have got it since the backup. The key needs the scope `operate`.
         */
        post: operations["resumeNumber"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/{number}/retire": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retire a number; refused while somebody may still dial it
         * @description The key needs the scope `operate`.
         */
        post: operations["retireNumber"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/{number}/served": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the orders and participants that a number served at an instant, now or in the past; audited
         * @description The key needs the scope `support`.
         */
        get: operations["listServedOrders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/pools/{name}/numbers/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import numbers you already own from a CSV file
         * @description Their call flow must already point to Maskline. The first line names the columns, in any order: `number` (E.164), and optionally `providerId` (the provider's id of the number; default: the number itself) and `provider` (the pool's provider or its alternative one; default: the pool's). UTF-8, with commas; at most 5000 rows and 1 MiB. Each row is imported on its own: the response reports the result of each line. With `dryRun=true` nothing is stored, and the response reports what an import would do. The key needs the scope `operate`.
         */
        post: operations["importNumbersFromCsv"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is going on now: live orders, calls a minute, spending, providers, and what is behind
         * @description For people and consoles, which may ask every few seconds. For alerts use the metrics, which say the same. The key needs the scope `operate`.
         */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restoration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what is in doubt since the database was restored, and what to do
         * @description The key needs the scope `operate`.
         */
        get: operations["getRestoration"];
        put?: never;
        /**
         * Say that the database was restored
         * @description Only needed if Maskline did not recognise it. **Calls of all open orders, and all API keys but those of API_KEY, are refused from then on**, until the orders are placed again and the keys are confirmed. The key needs the scope `operate`.
         */
        post: operations["declareRestoration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restoration/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that nothing was lost
         * @description Confirms all orders and keys (a key that waits needs what `POST /v1/keys/{id}/confirm` does), enables webhook endpoints, and lets all numbers take orders at once. **If anything was lost, calls reach the wrong people from then on.** The key needs the scope `operate`.
         */
        post: operations["endRestoration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/restoration/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the unconfirmed orders, page by page
         * @description The key needs the scope `operate`.
         */
        get: operations["listUnconfirmedOrders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{reference}/texts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the kept texts of an order, newest first, redacted; audited
         * @description Only forwarded texts are kept, for the `textsKeptSeconds` that the pool had at that time. Afterwards, or if the pool keeps none, the list is empty. The key needs the scope `support`.
         */
        get: operations["listTexts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/persons/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase a person; audited
         * @description Deletes what no order needs now. The phone itself, and what the orders add until then, is deleted when their quarantine is over. The key needs the scope `support`.
         */
        post: operations["erasePerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/persons/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Export everything that is stored about a person; audited
         * @description Orders whose quarantine is over contain no phone, so they cannot be found by one. The key needs the scope `support`.
         */
        post: operations["exportPerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/routing/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Explain why a call connects or is refused, now or in the past, or every call of an order; audited
         * @description With `from` and `to`, one call is explained. With `reference`, every call and text of that order, and those of unknown callers that may be theirs. The key needs the scope `support`.
         */
        post: operations["explainCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find orders, open and ended, by a phone, a reference, a virtual number or a call; audited
         * @description Send exactly one of the fields. Orders whose quarantine is over contain no phone, so they cannot be found by one. Nothing found is an empty list. The key needs the scope `support`.
         */
        post: operations["findOrders"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the audit log, newest first
         * @description Who read something about a person, who changed the configuration, and which requests were refused. The key needs the scope `audit`.
         */
        get: operations["listAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export the audit log as JSON lines, oldest first; audited
         * @description One entry a line, in the form of the list. If the answer breaks off, repeat it `since` the last line. The key needs the scope `audit`.
         */
        get: operations["exportAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys, newest first, without those of API_KEY and without secrets
         * @description The key needs the scope `keys`.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Create an API key
         * @description The answer shows the key once. It can have no more scopes and pools than the key that creates it. The key needs the scope `keys`.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description Every process refuses it within 5 s. It stays in the list, and stays revoked. The key needs the scope `keys`.
         */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an API key after a restore of the database
         * @description Says that the key was neither revoked nor rotated since the backup. Keys are refused until then, but for those of API_KEY. A key that was rotated since must be rotated again, and one that was revoked, revoked. The key needs the scope `keys`.
         */
        post: operations["confirmKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate an API key: another secret under the same id
         * @description The key before is accepted for `overlapSeconds`, so that clients can change over. Rotating again ends it at once. The key needs the scope `keys`.
         */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show which key this request is made with, and what it may do
         * @description The key needs the scope `orders:write` or `orders:read` or `support` or `operate` or `events` or `metrics` or `audit` or `keys`.
         */
        get: operations["getSession"];
        put?: never;
        /**
         * Sign in: exchange an API key for a session of the console
         * @description The session is a cookie for browsers, lasts 12 hours, and may do what the key may. It ends when you sign out, and when the key is revoked or expires.
         */
        post: operations["signIn"];
        /**
         * Sign out: end the session
         * @description Every process refuses it within 5 s. The key needs the scope `orders:write` or `orders:read` or `support` or `operate` or `events` or `metrics` or `audit` or `keys`.
         */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what a problem means and what to do about it */
        get: operations["explainProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check whether the process runs */
        get: operations["checkLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check whether the process can serve requests, and if not, why */
        get: operations["checkReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics of this process, for Prometheus
         * @description The key needs the scope `metrics`.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AuditEntryResponse: {
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            at: string;
            /**
             * @description The principal: `key` and its id (of `API_KEY`, the beginning of its SHA-256), `provider` or `system` and a name, or `nobody`
             * @example key 3fa41c09
             */
            who: string;
            /**
             * @description The name of the key at that time
             * @example support desk
             */
            name: string | null;
            /**
             * @description The kind of access or change
             * @example routing.explain
             */
            what: string;
            /**
             * @description The order, pool, number, key or call; of a refused request its method and path
             * @example +918047000001
             */
            about: string | null;
            /**
             * @description First characters of the phone's keyed lookup: the same for the same phone, and it does not reveal the phone
             * @example 9f86d081884c7d65
             */
            phone: string | null;
            /**
             * @description The address of the client
             * @example 203.0.113.7
             */
            address: string | null;
            /** @example b1d2c3e1-91a5-4f0c-9e7a-9b3d4c2e8a6f */
            requestId: string | null;
            /**
             * @example done
             * @enum {string}
             */
            result: "done" | "refused";
            /**
             * @description What a change changed; how many `times` a request was refused in about a minute
             * @example {
             *       "before": {
             *         "capacity": 40
             *       },
             *       "after": {
             *         "capacity": 60
             *       }
             *     }
             */
            details: {
                [key: string]: unknown;
            } | null;
        };
        AuditResponse: {
            entries: components["schemas"]["AuditEntryResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        CreateKeyRequest: {
            /**
             * @description Who uses the key, for people who read the list or the audit log
             * @example support desk
             */
            name: string;
            /**
             * @description What the key may do
             * @example [
             *       "orders:read",
             *       "support"
             *     ]
             */
            scopes: ("orders:write" | "orders:read" | "support" | "operate" | "events" | "metrics" | "audit" | "keys")[];
            /**
             * @description Names of the pools that the key is limited to; they need not exist yet. Default: all pools
             * @example null
             */
            pools?: string[] | null;
            /**
             * @description Until when the key is accepted. Default: until it is revoked
             * @example 2027-11-22T06:00:00Z
             */
            expiresAt?: string | null;
        };
        NewKeyResponse: {
            /**
             * @description Part of the key, and its name in the audit log: `key bcdfghjkmnpq`
             * @example bcdfghjkmnpq
             */
            id: string;
            /** @example support desk */
            name: string;
            /**
             * @description unconfirmed: it may have been revoked or rotated since the backup that was restored, and is refused
             * @example active
             * @enum {string}
             */
            status: "active" | "unconfirmed" | "expired" | "revoked";
            /**
             * @example [
             *       "orders:read",
             *       "support"
             *     ]
             */
            scopes: ("orders:write" | "orders:read" | "support" | "operate" | "events" | "metrics" | "audit" | "keys")[];
            /**
             * @description null = all pools
             * @example null
             */
            pools: string[] | null;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            createdAt: string;
            /**
             * @description The principal that created it
             * @example key 3fa41c09
             */
            createdBy: string;
            /**
             * Format: date-time
             * @description null = it does not expire
             * @example null
             */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description Within a minute; null = never
             * @example 2026-11-22T06:00:00.000Z
             */
            lastUsedAt: string | null;
            /**
             * Format: date-time
             * @description When it was last rotated
             * @example null
             */
            rotatedAt: string | null;
            /**
             * Format: date-time
             * @description Until when the key before is accepted, too
             * @example null
             */
            previousUntil: string | null;
            /**
             * Format: date-time
             * @example null
             */
            revokedAt: string | null;
            /**
             * @description The key, which is shown only here: only its hash is stored
             * @example mk_bcdfghjkmnpq_<32 characters of the secret><6 of a checksum>
             */
            key: string;
        };
        KeyResponse: {
            /**
             * @description Part of the key, and its name in the audit log: `key bcdfghjkmnpq`
             * @example bcdfghjkmnpq
             */
            id: string;
            /** @example support desk */
            name: string;
            /**
             * @description unconfirmed: it may have been revoked or rotated since the backup that was restored, and is refused
             * @example active
             * @enum {string}
             */
            status: "active" | "unconfirmed" | "expired" | "revoked";
            /**
             * @example [
             *       "orders:read",
             *       "support"
             *     ]
             */
            scopes: ("orders:write" | "orders:read" | "support" | "operate" | "events" | "metrics" | "audit" | "keys")[];
            /**
             * @description null = all pools
             * @example null
             */
            pools: string[] | null;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            createdAt: string;
            /**
             * @description The principal that created it
             * @example key 3fa41c09
             */
            createdBy: string;
            /**
             * Format: date-time
             * @description null = it does not expire
             * @example null
             */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description Within a minute; null = never
             * @example 2026-11-22T06:00:00.000Z
             */
            lastUsedAt: string | null;
            /**
             * Format: date-time
             * @description When it was last rotated
             * @example null
             */
            rotatedAt: string | null;
            /**
             * Format: date-time
             * @description Until when the key before is accepted, too
             * @example null
             */
            previousUntil: string | null;
            /**
             * Format: date-time
             * @example null
             */
            revokedAt: string | null;
        };
        KeysResponse: {
            keys: components["schemas"]["KeyResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        RotateKeyRequest: {
            /** @description For how long the key before is accepted, too; 0 = it ends at once. Default: 3600 */
            overlapSeconds?: number;
        };
        SignInRequest: {
            /**
             * @description An API key
             * @example mk_bcdfghjkmnpq_…
             */
            key?: string;
            /**
             * @description Instead of a key: the secret of the link that the start printed, which signs in once
             * @example JxVU5sM2…
             */
            link?: string;
        };
        SessionResponse: {
            /**
             * @description The key, as the audit log names it
             * @example bcdfghjkmnpq
             */
            keyId: string;
            /**
             * @description The name of the key
             * @example support desk
             */
            keyName: string;
            /**
             * @description What it may do
             * @example [
             *       "orders:read",
             *       "support"
             *     ]
             */
            scopes: ("orders:write" | "orders:read" | "support" | "operate" | "events" | "metrics" | "audit" | "keys")[];
            /**
             * @description Its pools; null = all pools
             * @example null
             */
            pools: string[] | null;
            /**
             * Format: date-time
             * @description When the session ends; null = the request has a key and no session
             * @example 2026-11-22T18:00:00.000Z
             */
            expiresAt: string | null;
        };
        ImportedRowResponse: {
            /**
             * @description The line of the row in the file; the first line is 1
             * @example 2
             */
            line: number;
            /** @enum {string} */
            result: "imported" | "already-there" | "refused";
            /**
             * @description null if the row was refused
             * @example +918047000001
             */
            number: string | null;
            /**
             * @description Why the row was refused, in words; null if it was not
             * @example null
             */
            reason: string | null;
        };
        ImportReportResponse: {
            /** @example default */
            pool: string;
            /**
             * @description Whether nothing was stored: the report says what an import would do
             * @example false
             */
            dryRun: boolean;
            /** @example 2 */
            imported: number;
            /**
             * @description Numbers that are already in a pool; they stay unchanged
             * @example 0
             */
            alreadyThere: number;
            /** @example 0 */
            refused: number;
            /** @description In the order of the file */
            rows: components["schemas"]["ImportedRowResponse"][];
        };
        QuietHoursFields: {
            /**
             * @description First quiet minute, hh:mm
             * @example 22:00
             */
            from: string;
            /**
             * @description First minute that is no longer quiet, hh:mm
             * @example 07:00
             */
            until: string;
            /**
             * @description IANA time zone
             * @example Asia/Kolkata
             */
            timeZone: string;
        };
        LinkResponse: {
            /**
             * @example [
             *       "courier",
             *       "sender"
             *     ]
             */
            between: string[];
            /**
             * @description The only one of the two who may call and text the other; null = both, unless `direction` says otherwise
             * @example null
             */
            onlyFrom: string | null;
        };
        NumbersByStatus: {
            /** @example 0 */
            provisioning: number;
            /** @example 20 */
            available: number;
            /** @example 0 */
            draining: number;
            /** @example 0 */
            retired: number;
            /** @example 0 */
            resting: number;
            /** @example 0 */
            suspended: number;
        };
        PoolLevelResponse: {
            /**
             * @description Numbers that can take one more order
             * @example 18
             */
            assignable: number;
            /** @description Numbers by status */
            numbers: components["schemas"]["NumbersByStatus"];
            /**
             * @description Orders that the numbers serve; an order counts once for each of its numbers
             * @example 2
             */
            ordersHeld: number;
        };
        PoolResponse: {
            /** @enum {string} */
            buying: "on" | "off";
            /** @example null */
            maxSpendPerDay: number | null;
            /** @example null */
            maxSpendPerMonth: number | null;
            /** @example null */
            maxRent: number | null;
            /** @example null */
            currency: string | null;
            /**
             * @example null
             * @enum {string|null}
             */
            numberType: "landline" | "mobile" | null;
            /** @enum {string} */
            unknownNumbers: "import" | "report";
            /**
             * @example null
             * @enum {string|null}
             */
            alternativeProvider: "exotel" | "twilio" | null;
            /**
             * @description What happens to texts; unavailable = the provider forwards no texts in this country
             * @enum {string}
             */
            texts: "off" | "on" | "redacted" | "unavailable";
            /** @enum {string} */
            pin: "off" | "unknown-callers" | "always";
            /** @enum {string} */
            direction: "both" | "customer-to-agent" | "agent-to-customer";
            /** @example 3600 */
            maxCallSeconds: number;
            /** @example 45 */
            maxRingSeconds: number;
            /** @example null */
            maxCallsPerHour: number | null;
            quietHours: components["schemas"]["QuietHoursFields"] | null;
            /** @example false */
            claimByPin: boolean;
            /** @example false */
            recordCalls: boolean;
            /** @example 0 */
            textsKeptSeconds: number;
            /** @example en */
            language: string;
            /** @example null */
            links: components["schemas"]["LinkResponse"][] | null;
            /** @enum {string} */
            assignNumbers: "when-both-known" | "when-one-known";
            /** @example default */
            name: string;
            /** @example IN */
            country: string;
            /** @example null */
            region: string | null;
            /** @enum {string} */
            provider: "exotel" | "twilio";
            /** @example 1 */
            capacity: number;
            /** @example 1800 */
            graceSeconds: number;
            /** @example 0 */
            cancelGraceSeconds: number;
            /** @example 86400 */
            quarantineSeconds: number;
            /** @example 86400 */
            lifetimeSeconds: number;
            /** @example 900 */
            decideWithoutDatabaseSeconds: number;
            /** @example 10 */
            lowWater: number;
            /** @example 20 */
            target: number;
            /** @example 100 */
            maxNumbers: number;
            /** @example 3600 */
            leadTimeSeconds: number;
            /** @example null */
            channelsPerNumber: number | null;
            /** @example null */
            giveBackAfterSeconds: number | null;
            level: components["schemas"]["PoolLevelResponse"];
        };
        PoolsResponse: {
            pools: components["schemas"]["PoolResponse"][];
        };
        OpenPoolRequest: {
            /**
             * @description off = buy nothing for this pool. Default: "on"
             * @enum {string}
             */
            buying?: "on" | "off";
            /**
             * @description Limit for the monthly rents of the numbers bought in one UTC day; null = no limit. Default: null
             * @example 5000
             */
            maxSpendPerDay?: number | null;
            /**
             * @description Limit for the monthly rents of the numbers bought in one UTC month; null = no limit. Default: null
             * @example 50000
             */
            maxSpendPerMonth?: number | null;
            /**
             * @description Highest monthly rent of one number; null = no limit. A rent that the provider does not state counts as this amount.. Default: null
             * @example 600
             */
            maxRent?: number | null;
            /**
             * @description Currency of these amounts, ISO 4217. Default: null
             * @example INR
             */
            currency?: string | null;
            /**
             * @description Type of numbers to buy; null = any. Default: null
             * @enum {string|null}
             */
            numberType?: "landline" | "mobile" | null;
            /**
             * @description What to do with numbers of the account that fit the pool and serve nothing: import them, or only report them. Default: "import"
             * @enum {string}
             */
            unknownNumbers?: "import" | "report";
            /**
             * @description Provider to buy from when the pool's provider cannot sell; null = none. Both providers must be allowed to show the other's numbers as caller ID.. Default: null
             * @enum {string|null}
             */
            alternativeProvider?: "exotel" | "twilio" | null;
            /**
             * @description Whether texts are forwarded; redacted = without phone numbers and links. Default: "off"
             * @enum {string}
             */
            texts?: "off" | "on" | "redacted";
            /**
             * @description Who must enter the order's PIN; always = known callers, too. Default: "off"
             * @enum {string}
             */
            pin?: "off" | "unknown-callers" | "always";
            /**
             * @description Which participant may call and text the other. Default: "both"
             * @enum {string}
             */
            direction?: "both" | "customer-to-agent" | "agent-to-customer";
            /** @description Longest call, in seconds; the provider's own limit may be lower. Default: 3600 */
            maxCallSeconds?: number;
            /** @description Longest ringing, in seconds; the provider's own limit may be lower. Default: 45 */
            maxRingSeconds?: number;
            /**
             * @description How often one person may call another person of the order within an hour; null = no limit. Default: null
             * @example 10
             */
            maxCallsPerHour?: number | null;
            /** @description Time of day in which nobody is called or texted; null = none. Default: null */
            quietHours?: components["schemas"]["QuietHoursFields"] | null;
            /** @description After a right PIN, the caller's phone becomes an alternate phone of the participant, for this order. Default: false */
            claimByPin?: boolean;
            /** @description Whether the provider records calls. Participants must consent as the law of both countries requires.. Default: false */
            recordCalls?: boolean;
            /** @description Seconds for which the words of a text are stored, encrypted; 0 = never stored. Default: 0 */
            textsKeptSeconds?: number;
            /**
             * @description Language of what callers hear, ISO 639. Messages missing in this language are in English.. Default: "en"
             * @example hi
             */
            language?: string;
            /**
             * @description Links of orders that name none. null = an agent, courier or driver with everybody else; without such a role everybody with everybody.. Default: null
             * @example [
             *       [
             *         "courier",
             *         "sender"
             *       ],
             *       [
             *         "courier",
             *         "recipient"
             *       ]
             *     ]
             */
            links?: (string[] | {
                /**
                 * @example [
                 *       "courier",
                 *       "sender"
                 *     ]
                 */
                between: string[];
                /** @description The only one of the two who may call and text */
                onlyFrom?: string | null;
            })[] | null;
            /**
             * @description When the participants of a link get their numbers: when both are known, or each as soon as they are known. Applies to orders placed from now on.. Default: "when-both-known"
             * @enum {string}
             */
            assignNumbers?: "when-both-known" | "when-one-known";
            /**
             * @description Letters, digits, - and _, at most 64
             * @example bengaluru
             */
            name: string;
            /**
             * @description ISO 3166-1 alpha-2
             * @example IN
             */
            country: string;
            /**
             * @description The provider's code of a region; null = anywhere in the country
             * @example KA
             */
            region?: string | null;
            /**
             * @description Provider of its numbers. Default: the first provider that is set up.
             * @enum {string}
             */
            provider?: "exotel" | "twilio";
            /** @description Orders that one number may serve at once; 1 = exclusive. docs/sizing.md says how many numbers a pool then needs. Default: 1 */
            capacity?: number;
            /** @description Seconds for which calls keep connecting after an order is completed or expires. Default: 1800 */
            graceSeconds?: number;
            /** @description Seconds for which calls keep connecting after an order is cancelled. Default: 0 */
            cancelGraceSeconds?: number;
            /** @description Seconds after grace in which the number serves no other order of the same dialler, who hears that the order has ended. Default: 86400 */
            quarantineSeconds?: number;
            /** @description Seconds after which an order ends that nobody closes. Default: 86400 */
            lifetimeSeconds?: number;
            /** @description Seconds for which calls are decided from a local copy while the database does not answer; 0 = never. At most quarantineSeconds. Meanwhile, a participant who was replaced or blocked, or whose order ended, may still be connected within the same order. Default: 900 */
            decideWithoutDatabaseSeconds?: number;
            /** @description Low-water mark: buy if fewer numbers than this can be assigned. Default: 10 */
            lowWater?: number;
            /** @description Target: buy until this many numbers can be assigned. Default: 20 */
            target?: number;
            /** @description Never own more numbers than this. Default: 100 */
            maxNumbers?: number;
            /** @description Seconds from requesting a number from the provider to having it; the forecast looks at least this far ahead. Default: 3600 */
            leadTimeSeconds?: number;
            /**
             * @description Calls that one number carries at once; null = unlimited. Default: null
             * @example 30
             */
            channelsPerNumber?: number | null;
            /**
             * @description Numbers that are not needed for this many seconds (at least a day) are given back to the provider; null = never. Default: null
             * @example 604800
             */
            giveBackAfterSeconds?: number | null;
        };
        ChangePolicyRequest: {
            /**
             * @description off = buy nothing for this pool. Default: "on"
             * @enum {string}
             */
            buying?: "on" | "off";
            /**
             * @description Limit for the monthly rents of the numbers bought in one UTC day; null = no limit. Default: null
             * @example 5000
             */
            maxSpendPerDay?: number | null;
            /**
             * @description Limit for the monthly rents of the numbers bought in one UTC month; null = no limit. Default: null
             * @example 50000
             */
            maxSpendPerMonth?: number | null;
            /**
             * @description Highest monthly rent of one number; null = no limit. A rent that the provider does not state counts as this amount.. Default: null
             * @example 600
             */
            maxRent?: number | null;
            /**
             * @description Currency of these amounts, ISO 4217. Default: null
             * @example INR
             */
            currency?: string | null;
            /**
             * @description Type of numbers to buy; null = any. Default: null
             * @enum {string|null}
             */
            numberType?: "landline" | "mobile" | null;
            /**
             * @description What to do with numbers of the account that fit the pool and serve nothing: import them, or only report them. Default: "import"
             * @enum {string}
             */
            unknownNumbers?: "import" | "report";
            /**
             * @description Provider to buy from when the pool's provider cannot sell; null = none. Both providers must be allowed to show the other's numbers as caller ID.. Default: null
             * @enum {string|null}
             */
            alternativeProvider?: "exotel" | "twilio" | null;
            /**
             * @description Whether texts are forwarded; redacted = without phone numbers and links. Default: "off"
             * @enum {string}
             */
            texts?: "off" | "on" | "redacted";
            /**
             * @description Who must enter the order's PIN; always = known callers, too. Default: "off"
             * @enum {string}
             */
            pin?: "off" | "unknown-callers" | "always";
            /**
             * @description Which participant may call and text the other. Default: "both"
             * @enum {string}
             */
            direction?: "both" | "customer-to-agent" | "agent-to-customer";
            /** @description Longest call, in seconds; the provider's own limit may be lower. Default: 3600 */
            maxCallSeconds?: number;
            /** @description Longest ringing, in seconds; the provider's own limit may be lower. Default: 45 */
            maxRingSeconds?: number;
            /**
             * @description How often one person may call another person of the order within an hour; null = no limit. Default: null
             * @example 10
             */
            maxCallsPerHour?: number | null;
            /** @description Time of day in which nobody is called or texted; null = none. Default: null */
            quietHours?: components["schemas"]["QuietHoursFields"] | null;
            /** @description After a right PIN, the caller's phone becomes an alternate phone of the participant, for this order. Default: false */
            claimByPin?: boolean;
            /** @description Whether the provider records calls. Participants must consent as the law of both countries requires.. Default: false */
            recordCalls?: boolean;
            /** @description Seconds for which the words of a text are stored, encrypted; 0 = never stored. Default: 0 */
            textsKeptSeconds?: number;
            /**
             * @description Language of what callers hear, ISO 639. Messages missing in this language are in English.. Default: "en"
             * @example hi
             */
            language?: string;
            /**
             * @description Links of orders that name none. null = an agent, courier or driver with everybody else; without such a role everybody with everybody.. Default: null
             * @example [
             *       [
             *         "courier",
             *         "sender"
             *       ],
             *       [
             *         "courier",
             *         "recipient"
             *       ]
             *     ]
             */
            links?: (string[] | {
                /**
                 * @example [
                 *       "courier",
                 *       "sender"
                 *     ]
                 */
                between: string[];
                /** @description The only one of the two who may call and text */
                onlyFrom?: string | null;
            })[] | null;
            /**
             * @description When the participants of a link get their numbers: when both are known, or each as soon as they are known. Applies to orders placed from now on.. Default: "when-both-known"
             * @enum {string}
             */
            assignNumbers?: "when-both-known" | "when-one-known";
            /** @description Orders that one number may serve at once; 1 = exclusive. docs/sizing.md says how many numbers a pool then needs. Default: 1 */
            capacity?: number;
            /** @description Seconds for which calls keep connecting after an order is completed or expires. Default: 1800 */
            graceSeconds?: number;
            /** @description Seconds for which calls keep connecting after an order is cancelled. Default: 0 */
            cancelGraceSeconds?: number;
            /** @description Seconds after grace in which the number serves no other order of the same dialler, who hears that the order has ended. Default: 86400 */
            quarantineSeconds?: number;
            /** @description Seconds after which an order ends that nobody closes. Default: 86400 */
            lifetimeSeconds?: number;
            /** @description Seconds for which calls are decided from a local copy while the database does not answer; 0 = never. At most quarantineSeconds. Meanwhile, a participant who was replaced or blocked, or whose order ended, may still be connected within the same order. Default: 900 */
            decideWithoutDatabaseSeconds?: number;
            /** @description Low-water mark: buy if fewer numbers than this can be assigned. Default: 10 */
            lowWater?: number;
            /** @description Target: buy until this many numbers can be assigned. Default: 20 */
            target?: number;
            /** @description Never own more numbers than this. Default: 100 */
            maxNumbers?: number;
            /** @description Seconds from requesting a number from the provider to having it; the forecast looks at least this far ahead. Default: 3600 */
            leadTimeSeconds?: number;
            /**
             * @description Calls that one number carries at once; null = unlimited. Default: null
             * @example 30
             */
            channelsPerNumber?: number | null;
            /**
             * @description Numbers that are not needed for this many seconds (at least a day) are given back to the provider; null = never. Default: null
             * @example 604800
             */
            giveBackAfterSeconds?: number | null;
        };
        NumberResponse: {
            /** @example +918047000001 */
            number: string;
            /** @enum {string} */
            status: "provisioning" | "available" | "draining" | "retired" | "resting" | "suspended";
            /** @example default */
            pool: string;
            /** @enum {string} */
            provider: "exotel" | "twilio";
            /** @example 1 */
            ordersHeld: number;
            /** @example 1 */
            capacity: number;
            /**
             * Format: date-time
             * @description The number takes no orders until then, because the database was restored and it is not known who may dial the number; null = it is not withheld
             * @example null
             */
            withheldUntil: string | null;
        };
        NumbersResponse: {
            numbers: components["schemas"]["NumberResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        NumberToImportRequest: {
            /**
             * @description E.164
             * @example +918047000001
             */
            number: string;
            /**
             * @description The provider's id of the number; default: the number itself
             * @example 08047000001
             */
            providerId?: string;
            /**
             * @description The pool's provider (the default) or its alternative one
             * @enum {string}
             */
            provider?: "exotel" | "twilio";
        };
        ImportNumbersRequest: {
            /** @example default */
            pool: string;
            numbers: components["schemas"]["NumberToImportRequest"][];
        };
        OpenLinkRequest: {
            /**
             * @example [
             *       "courier",
             *       "recipient"
             *     ]
             */
            between: string[];
            /**
             * @description The only one of the two who may call and text the other; null = as the pool's `direction` says. Default: null
             * @example null
             */
            onlyFrom?: string | null;
        };
        DialledResponse: {
            /**
             * @description The role of the participant whom the number reaches
             * @example sender
             */
            to: string;
            /**
             * @description The virtual number to dial; null while there is none
             * @example +918047000001
             */
            number: string | null;
            /**
             * @description waiting: no number yet. half-open: the number stays, and calls connect once the other participant is known. open: calls connect. grace: the order is over, and calls still connect.
             * @example open
             * @enum {string}
             */
            status: "waiting" | "half-open" | "open" | "grace";
            /**
             * @description The only one of the two who may call and text the other; null = as the pool's `direction` says
             * @example null
             */
            onlyFrom: string | null;
            /**
             * @description Whether this participant blocks calls and texts from the other; null = not shown, because the key does not have the scope `support`
             * @example null
             */
            blocks: boolean | null;
        };
        OrderParticipantResponse: {
            /** @example courier */
            role: string;
            /**
             * @description The phone with only its country code and last two digits; null once it is deleted
             * @example +91••••••••01
             */
            phone: string | null;
            /** @description One number for each link */
            dials: components["schemas"]["DialledResponse"][];
        };
        ParticipantResponse: {
            /**
             * @description The phone with only its country code and last two digits; null once it is deleted
             * @example +91••••••••01
             */
            phone: string | null;
            /**
             * @description The virtual number that this participant dials to reach the other; null if there are several, or none yet
             * @example +918047000001
             */
            dials: string | null;
        };
        OrderResponse: {
            /** @example order-1001 */
            reference: string;
            /**
             * @example active
             * @enum {string}
             */
            status: "placed" | "awaiting-numbers" | "active" | "closing" | "ended";
            /** @example default */
            pool: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            placedAt: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:05:00.000Z
             */
            activeAt: string | null;
            /**
             * Format: date-time
             * @example null
             */
            closedAt: string | null;
            /**
             * Format: date-time
             * @description The last instant at which a call may connect
             * @example 2026-11-23T06:30:00.000Z
             */
            connectsUntil: string | null;
            /**
             * @description Whether the database was restored and the order was not placed again yet. Its calls are refused meanwhile.
             * @example false
             */
            unconfirmed: boolean;
            /**
             * @description Who must enter a PIN to be connected, by the pool's current policy; off = nobody
             * @example off
             * @enum {string}
             */
            pin: "off" | "unknown-callers" | "always";
            /**
             * @description Whether texts to these numbers are forwarded; unavailable = the provider cannot
             * @example unavailable
             * @enum {string}
             */
            texts: "off" | "on" | "redacted" | "unavailable";
            /** @description By the time at which they joined, then by role */
            participants: components["schemas"]["OrderParticipantResponse"][];
            /** @description The participant in the role customer */
            customer: components["schemas"]["ParticipantResponse"] | null;
            /** @description The participant in the role agent */
            agent: components["schemas"]["ParticipantResponse"] | null;
        };
        PhoneRequest: {
            /**
             * @description E.164, or as it is dialled within the country of the pool
             * @example +919000000002
             */
            phone: string;
        };
        EventData: {
            /**
             * @description The order's; in every event of an order
             * @example order-1001
             */
            reference?: string;
            /**
             * @description Of a call or text
             * @example exotel
             */
            provider?: string;
            /** @example 5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a */
            providerCallId?: string;
            /** @example SM5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a */
            providerMessageId?: string;
            /**
             * @description The role of the caller or sender, or unknown
             * @example customer
             */
            from?: string;
            /**
             * @description The role of the callee or recipient; null = no link is known
             * @example agent
             */
            to?: string | null;
            /**
             * @description Of the participant who opted out of texts, or in
             * @example agent
             */
            role?: string;
            /** @example connect */
            decision?: string;
            /** @example CONNECTED */
            reason?: string;
            /** @example no-answer */
            outcome?: string;
            /** @example 0 */
            talkSeconds?: number | null;
            /**
             * @description The id of a webhook endpoint
             * @example 6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11
             */
            endpoint?: string;
            /**
             * @description Why the endpoint is disabled
             * @example failing
             */
            because?: string;
        };
        OrderCloudEventResponse: {
            /** @enum {string} */
            specversion: "1.0";
            /** @enum {string} */
            source: "maskline";
            /**
             * @description Its place in the feed, which increases along the feed
             * @example 17
             */
            id: string;
            /**
             * @example order.agent-assigned
             * @enum {string}
             */
            type: "order.placed" | "order.awaiting-numbers" | "order.agent-assigned" | "order.agent-replaced" | "order.numbers-assigned" | "order.participant-joined" | "order.participant-replaced" | "order.participant-removed" | "order.link-opened" | "order.link-closed" | "order.phone-corrected" | "order.phone-declared" | "order.phone-claimed" | "order.phone-withdrawn" | "order.blocked" | "order.unblocked" | "order.numbers-changed" | "order.reopened" | "order.completed" | "order.cancelled" | "order.expired" | "order.ended" | "order.call-made-up" | "order.unconfirmed" | "order.confirmed" | "call.decided" | "call.ended" | "call.missed" | "call.unattributed" | "text.forwarded" | "text.failed" | "text.opted-out" | "text.opted-in" | "webhook.disabled";
            /**
             * @description The order's reference, or what else it is about
             * @example order-1001
             */
            subject: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            time: string;
            data: components["schemas"]["EventData"];
        };
        FeedResponse: {
            /** @description CloudEvents 1.0. Delivery is at least once: deduplicate on the event's id. */
            events: components["schemas"]["OrderCloudEventResponse"][];
            /**
             * @description Pass it as `after` to get the next page, also when this page is empty
             * @example 17
             */
            next: string;
        };
        RejectedAtOnceResponse: {
            /**
             * @description Its place in the request, from 0
             * @example 1
             */
            index: number;
            /**
             * @description null: the event itself
             * @example data.reference
             */
            field: string | null;
            /** @example data.customer.phone is no phone */
            reason: string;
        };
        IntakeResponse: {
            /**
             * @description Number of events in the request; all of them are stored
             * @example 2
             */
            received: number;
            /**
             * @description Number of those that were stored before (same source and id) and are ignored
             * @example 0
             */
            repeated: number;
            /**
             * @description Events of a batch that can never be applied. `GET /v1/events/rejected` lists them, too
             * @example []
             */
            rejected: components["schemas"]["RejectedAtOnceResponse"][];
        };
        RejectedEventResponse: {
            /** @example /order-system */
            source: string;
            /** @example e-4711 */
            id: string;
            /** @example order.placed */
            type: string | null;
            /** @example order-1001 */
            reference: string | null;
            /** @example data.customer.phone is no phone */
            reason: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            receivedAt: string;
        };
        RejectedEventsResponse: {
            events: components["schemas"]["RejectedEventResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        CustomerRequest: {
            /**
             * @description E.164, or as it is dialled within the country of the pool
             * @example +919000000001
             */
            phone: string;
        };
        ParticipantRequest: {
            /**
             * @description E.164, or as it is dialled within the country of the pool
             * @example +919000000002
             */
            phone: string;
            /**
             * @description What the participant is on the order, unique in it: 1 to 32 lower-case letters, hyphens and at most four digits, and begin with a letter
             * @example courier
             */
            role: string;
        };
        PlaceOrderRequest: {
            /**
             * @description The order system's own name for the order: 1 to 128 letters, digits and . _ : @ -, but neither . nor .. alone
             * @example order-1001
             */
            reference: string;
            /** @description The participant in the role customer, for orders of two. Instead of `participants`. */
            customer?: components["schemas"]["CustomerRequest"];
            /** @description Who is known already; others can join later. Each role and each phone only once. */
            participants?: components["schemas"]["ParticipantRequest"][];
            /**
             * @description Who may reach whom. Default: the links of the pool; without any, an agent, courier or driver with everybody else, and without such a role everybody with everybody.
             * @example [
             *       [
             *         "courier",
             *         "sender"
             *       ],
             *       [
             *         "courier",
             *         "recipient"
             *       ]
             *     ]
             */
            links?: (string[] | {
                /**
                 * @example [
                 *       "courier",
                 *       "sender"
                 *     ]
                 */
                between: string[];
                /** @description The only one of the two who may call and text */
                onlyFrom?: string | null;
            })[];
            /**
             * @description Default: "default"
             * @example default
             */
            pool?: string;
            /**
             * @description Seconds after which the order ends if nobody closes it; default: the pool's value
             * @example 86400
             */
            lifetimeSeconds?: number;
        };
        OrdersResponse: {
            orders: components["schemas"]["OrderResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        OrderEventResponse: {
            /**
             * @example order.agent-assigned
             * @enum {string}
             */
            kind: "order.placed" | "order.awaiting-numbers" | "order.agent-assigned" | "order.agent-replaced" | "order.numbers-assigned" | "order.participant-joined" | "order.participant-replaced" | "order.participant-removed" | "order.link-opened" | "order.link-closed" | "order.phone-corrected" | "order.phone-declared" | "order.phone-claimed" | "order.phone-withdrawn" | "order.blocked" | "order.unblocked" | "order.numbers-changed" | "order.reopened" | "order.completed" | "order.cancelled" | "order.expired" | "order.ended" | "order.call-made-up" | "order.unconfirmed" | "order.confirmed";
            /**
             * Format: date-time
             * @example 2026-11-22T06:05:00.000Z
             */
            at: string;
        };
        OrderEventsResponse: {
            events: components["schemas"]["OrderEventResponse"][];
        };
        KnownPhoneResponse: {
            /**
             * Format: uuid
             * @description Names it for DELETE; null = the registered phone, which is the one that rings
             * @example 7a1c3b52-4f0e-4c7a-9d2e-5b8f6a1c0d3e
             */
            id: string | null;
            /**
             * @description The phone with only its country code and last two digits
             * @example +91••••••••03
             */
            phone: string;
            /**
             * @description declared: added by POST; pin: claimed with the right PIN
             * @enum {string}
             */
            known: "registered" | "declared" | "pin";
            /**
             * Format: date-time
             * @example 2026-11-22T06:05:00.000Z
             */
            since: string;
        };
        KnownPhonesResponse: {
            phones: components["schemas"]["KnownPhoneResponse"][];
        };
        PinResponse: {
            /**
             * @description The PIN. Show it to this participant only.
             * @example 0482135519
             */
            pin: string;
            /**
             * @description The number on which the PIN is entered
             * @example +918047000001
             */
            dials: string;
        };
        BlockResponse: {
            /**
             * @description Whether calls and texts to this participant are blocked
             * @example true
             */
            blocked: boolean;
        };
        RestorationResponse: {
            /**
             * @description none: nothing is in doubt; confirming: API keys wait to be confirmed, or orders to be placed again, and are refused; withholding: only numbers are left that take no orders yet
             * @enum {string}
             */
            state: "none" | "confirming" | "withholding";
            /**
             * @description rewritten: the content was written by a restore from a dump, or copied; set-back: a later heartbeat was seen outside the database; older-version: a heartbeat was seen outside the database, which has none; stated: an operator said so
             * @enum {string|null}
             */
            recognisedBy: "rewritten" | "set-back" | "older-version" | "stated" | null;
            /**
             * Format: date-time
             * @description What happened since is missing from the database; null = unknown
             * @example 2026-11-22T03:00:00.000Z
             */
            contentUntil: string | null;
            /**
             * Format: date-time
             * @description The end of the gap
             * @example 2026-11-22T06:00:00.000Z
             */
            detectedAt: string | null;
            /**
             * @description Open orders whose calls are refused with ORDER_UNCONFIRMED
             * @example 132
             */
            unconfirmedOrders: number;
            /**
             * @description Numbers that take no orders, because who may dial them is not known
             * @example 40
             */
            withheldNumbers: number;
            /**
             * @description API keys that are refused until they are confirmed or revoked
             * @example 3
             */
            unconfirmedKeys: number;
            /**
             * @description Webhook endpoints that get nothing until they are enabled
             * @example 1
             */
            disabledEndpoints: number;
            /**
             * Format: date-time
             * @description The last of them
             * @example 2026-11-24T06:00:00.000Z
             */
            withheldUntil: string | null;
            /** @example With a key of API_KEY: GET /v1/keys, and confirm, rotate or revoke each key that is unconfirmed; GET /v1/webhook-endpoints, and enable or delete each that is disabled as restored. Then, for each open order, repeat what happened since contentUntil (replacements, blocks, completions), and then place the order again with POST /v1/orders and PUT its other participants. GET /v1/restoration/orders lists those that are left. */
            whatToDo: string;
        };
        UnconfirmedOrdersResponse: {
            /**
             * @description Their references, sorted
             * @example [
             *       "order-1001",
             *       "order-1002"
             *     ]
             */
            references: string[];
        };
        StateRestorationRequest: {
            /**
             * @description When the backup was taken. Only shown.
             * @example 2026-11-22T03:00:00Z
             */
            contentUntil?: string;
        };
        EndRestorationRequest: {
            /**
             * @description Must be true. Say it only if the database contains everything that was ever committed, for example after a planned move. Otherwise calls reach the wrong people.
             * @example true
             */
            nothingWasLost: boolean;
        };
        ServedOrderResponse: {
            /** @example order-1001 */
            reference: string | null;
            /**
             * @description The role of the participant who could dial it
             * @example customer
             */
            dialler: string;
            /** Format: uuid */
            diallerId: string;
            /**
             * @description The role of the participant whom it reaches
             * @example agent
             */
            callee: string;
            /**
             * Format: uuid
             * @description The participant whose phone rang; null = nobody, because the link was half-open
             */
            calleeId: string | null;
            /**
             * @description The number that the callee saw
             * @example +918047000002
             */
            shownNumber: string | null;
            /** Format: date-time */
            assignedAt: string;
            /** Format: date-time */
            connectsUntil: string;
        };
        ServedOrdersResponse: {
            served: components["schemas"]["ServedOrderResponse"][];
        };
        AddWebhookEndpointRequest: {
            /**
             * @description Use https://
             * @example https://orders.example.com/hooks/maskline
             */
            url: string;
            /** @description Types of events, all of a group (order.*), or * for all, also those of later versions. Default: ["*"] */
            types?: ("*" | "order.*" | "call.*" | "text.*" | "webhook.*" | "order.placed" | "order.awaiting-numbers" | "order.agent-assigned" | "order.agent-replaced" | "order.numbers-assigned" | "order.participant-joined" | "order.participant-replaced" | "order.participant-removed" | "order.link-opened" | "order.link-closed" | "order.phone-corrected" | "order.phone-declared" | "order.phone-claimed" | "order.phone-withdrawn" | "order.blocked" | "order.unblocked" | "order.numbers-changed" | "order.reopened" | "order.completed" | "order.cancelled" | "order.expired" | "order.ended" | "order.call-made-up" | "order.unconfirmed" | "order.confirmed" | "call.decided" | "call.ended" | "call.missed" | "call.unattributed" | "text.forwarded" | "text.failed" | "text.opted-out" | "text.opted-in" | "webhook.disabled")[];
            /** @example Order system, production */
            description?: string;
            /**
             * @description Default: a new one, which is in the response
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw8ZaGfYVcnhM=
             */
            secret?: string;
        };
        WebhookEndpointWithSecretResponse: {
            /** @example 6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11 */
            id: string;
            /** @example https://orders.example.com/hooks/maskline */
            url: string;
            /**
             * @description Types of events, all of a group (order.*), or * for all, also those of later versions
             * @example [
             *       "*"
             *     ]
             */
            types: string[];
            /** @example Order system, production */
            description: string | null;
            /**
             * @example enabled
             * @enum {string}
             */
            status: "enabled" | "disabled";
            /**
             * @description requested = by PATCH; gone = it answered 410; failing = no attempt succeeded for three days; restored = the database was restored, so it may have been deleted or changed since
             * @example null
             * @enum {string|null}
             */
            disabledBecause: "requested" | "gone" | "failing" | "restored" | null;
            /**
             * Format: date-time
             * @example null
             */
            disabledAt: string | null;
            /**
             * Format: date-time
             * @description Null = the last attempt succeeded
             * @example null
             */
            failingSince: string | null;
            /**
             * @description Failed attempts for the event that is next
             * @example 0
             */
            failedAttempts: number;
            /**
             * Format: date-time
             * @description When the failed event is sent again; null = nothing failed, or the endpoint is disabled
             * @example null
             */
            nextAttemptAt: string | null;
            /**
             * Format: date-time
             * @description Until when the previous secret signs too; null = there was none
             * @example null
             */
            previousSecretUntil: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            createdAt: string;
            /**
             * @description Store it: no other response contains it
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw8ZaGfYVcnhM=
             */
            secret: string;
        };
        WebhookEndpointResponse: {
            /** @example 6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11 */
            id: string;
            /** @example https://orders.example.com/hooks/maskline */
            url: string;
            /**
             * @description Types of events, all of a group (order.*), or * for all, also those of later versions
             * @example [
             *       "*"
             *     ]
             */
            types: string[];
            /** @example Order system, production */
            description: string | null;
            /**
             * @example enabled
             * @enum {string}
             */
            status: "enabled" | "disabled";
            /**
             * @description requested = by PATCH; gone = it answered 410; failing = no attempt succeeded for three days; restored = the database was restored, so it may have been deleted or changed since
             * @example null
             * @enum {string|null}
             */
            disabledBecause: "requested" | "gone" | "failing" | "restored" | null;
            /**
             * Format: date-time
             * @example null
             */
            disabledAt: string | null;
            /**
             * Format: date-time
             * @description Null = the last attempt succeeded
             * @example null
             */
            failingSince: string | null;
            /**
             * @description Failed attempts for the event that is next
             * @example 0
             */
            failedAttempts: number;
            /**
             * Format: date-time
             * @description When the failed event is sent again; null = nothing failed, or the endpoint is disabled
             * @example null
             */
            nextAttemptAt: string | null;
            /**
             * Format: date-time
             * @description Until when the previous secret signs too; null = there was none
             * @example null
             */
            previousSecretUntil: string | null;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            createdAt: string;
        };
        WebhookEndpointsResponse: {
            endpoints: components["schemas"]["WebhookEndpointResponse"][];
        };
        ChangeWebhookEndpointRequest: {
            /** @example https://orders.example.com/hooks/maskline */
            url?: string;
            /**
             * @description Types of events, all of a group (order.*), or * for all, also those of later versions
             * @example [
             *       "order.*"
             *     ]
             */
            types?: ("*" | "order.*" | "call.*" | "text.*" | "webhook.*" | "order.placed" | "order.awaiting-numbers" | "order.agent-assigned" | "order.agent-replaced" | "order.numbers-assigned" | "order.participant-joined" | "order.participant-replaced" | "order.participant-removed" | "order.link-opened" | "order.link-closed" | "order.phone-corrected" | "order.phone-declared" | "order.phone-claimed" | "order.phone-withdrawn" | "order.blocked" | "order.unblocked" | "order.numbers-changed" | "order.reopened" | "order.completed" | "order.cancelled" | "order.expired" | "order.ended" | "order.call-made-up" | "order.unconfirmed" | "order.confirmed" | "call.decided" | "call.ended" | "call.missed" | "call.unattributed" | "text.forwarded" | "text.failed" | "text.opted-out" | "text.opted-in" | "webhook.disabled")[];
            /** @example Order system, staging */
            description?: string | null;
            /**
             * @description false = send nothing. true = go on where it stopped; see also …/replay
             * @example true
             */
            enabled?: boolean;
        };
        WebhookAttemptResponse: {
            /**
             * @description The header webhook-id
             * @example event-17
             */
            webhookId: string;
            /** @example order.completed */
            type: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            at: string;
            /**
             * @description Whether it was answered with 2xx
             * @example true
             */
            acknowledged: boolean;
            /**
             * @description Null = no answer
             * @example 204
             */
            status: number | null;
            /**
             * @description Why it is not acknowledged
             * @example null
             */
            failure: string | null;
            /**
             * @description Milliseconds until the answer, or the failure
             * @example 38
             */
            durationMs: number;
            /**
             * @description The first 500 characters of the answer's body, without what may be a phone number
             * @example null
             */
            response: string | null;
        };
        RotateSecretRequest: {
            /**
             * @description Default: a new one, which is in the response
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw8ZaGfYVcnhM=
             */
            secret?: string;
            /** @description For how long the previous secret signs too, beside the new one. Default: 86400 */
            overlapSeconds?: number;
        };
        WebhookAttemptsResponse: {
            /** @description Newest first; those of the last 7 days */
            attempts: components["schemas"]["WebhookAttemptResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        ReplayRequest: {
            /**
             * @description Events since then are sent, again or for the first time. Waiting events from before are left out
             * @example 2026-11-22T06:00:00Z
             */
            since: string;
        };
        HappenedResponse: {
            /** @example order.placed */
            kind: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            at: string;
        };
        ExplainedOrder: {
            /** @example order-1001 */
            reference: string;
            /** @description Events of the order until then */
            events: components["schemas"]["HappenedResponse"][];
        };
        ExplainedSide: {
            /** @example customer */
            role: string;
            /** Format: uuid */
            participantId: string | null;
            /** @example +91••••••••01 */
            phone: string | null;
        };
        ExplainedPair: {
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            assignedAt: string;
            /**
             * Format: date-time
             * @example 2026-11-23T06:30:00.000Z
             */
            connectsUntil: string;
            /**
             * Format: date-time
             * @example null
             */
            quarantinedUntil: string | null;
        };
        ExplainedPolicy: {
            /** @example default */
            pool: string;
            /**
             * Format: date-time
             * @description Since when the policy applied; null = the policy of that time is not stored, and this is the current one
             * @example 2026-11-01T00:00:00.000Z
             */
            since: string | null;
            /**
             * @example {
             *       "direction": "both",
             *       "pin": "off",
             *       "quietHours": null,
             *       "maxCallsPerHour": null
             *     }
             */
            policy: {
                [key: string]: unknown;
            };
        };
        ForgottenPairResponse: {
            /** @example order-1001 */
            reference: string;
            /** @example customer */
            role: string;
            /**
             * @description The role of the participant whom the number led to
             * @example agent
             */
            calleeRole: string;
            /** Format: uuid */
            participantId: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            assignedAt: string;
            /**
             * Format: date-time
             * @example 2026-11-22T07:00:00.000Z
             */
            connectsUntil: string;
        };
        RecordedCallResponse: {
            /** @example exotel */
            provider: string;
            /** @example 5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a */
            providerCallId: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:02.000Z
             */
            at: string;
            /**
             * @description The role of the caller or sender, or unknown
             * @example customer
             */
            from: string;
            /**
             * @description The role of the participant whom the number leads to; null if no link is known
             * @example agent
             */
            to: string | null;
            /** @example order-1001 */
            reference: string | null;
            /** @example connect */
            decision: string;
            /** @example CONNECTED */
            reason: string;
            /** @example completed */
            outcome: string | null;
            /**
             * @description What happened, in one sentence for support staff
             * @example The customer called the agent; the agent's phone rang for 5 s, they talked for 1 min 1 s and the customer hung up.
             */
            words: string;
        };
        ExplanationResponse: {
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            at: string;
            /**
             * @description now = the current rows; then = rows reconstructed for that time
             * @example now
             * @enum {string}
             */
            asOf: "now" | "then";
            /** @example +91••••••••01 */
            from: string | null;
            /** @example +918047000001 */
            to: string;
            /**
             * @example connect
             * @enum {string}
             */
            decision: "connect" | "refuse" | "ask-pin" | "unknown";
            /**
             * @example CONNECTED
             * @enum {string}
             */
            reason: "CONNECTED" | "CONNECTED_IN_GRACE" | "UNKNOWN_VN" | "CLI_WITHHELD" | "UNKNOWN_CALLER" | "NO_SESSION" | "ORDER_ENDED" | "LINK_CLOSED" | "ORDER_UNCONFIRMED" | "NOT_CONNECTED_YET" | "SELF_CALL" | "LOOP" | "DIRECTION_NOT_ALLOWED" | "BLOCKED" | "QUIET_HOURS" | "CAP_REACHED" | "PIN_WRONG" | "PIN_LOCKED" | "CALL_ID_REUSED" | "ALREADY_CONNECTED" | "CALL_OVER" | "TOO_MANY_MISSES" | "NOT_CONFIRMED" | "TRY_LATER" | "STALE_STATE" | "PIN_REQUIRED" | "FORGOTTEN";
            /**
             * @description Sentences to read out, the decisive one first. The last ones are about `calls`, one for each of them.
             * @example [
             *       "Now, a call from +91••••••••01 to +918047000001 connects."
             *     ]
             */
            words: string[];
            /**
             * @description What to tell the person who called or wrote, for example "Please call from the phone that is in the app."; null = nothing. Never tells of a block.
             * @example null
             */
            tell: string | null;
            order: components["schemas"]["ExplainedOrder"] | null;
            caller: components["schemas"]["ExplainedSide"] | null;
            /** @description Whom the call reaches, or would reach if it were not refused; null if no link is known */
            callee: components["schemas"]["ExplainedSide"] | null;
            /** @example +918047000002 */
            shownNumber: string | null;
            /** @description The assignment of caller and number */
            pair: components["schemas"]["ExplainedPair"] | null;
            policy: components["schemas"]["ExplainedPolicy"] | null;
            /** @description The participants whom the number served then, if their phones are deleted, so that it is unknown whether the caller was one of them */
            forgotten: components["schemas"]["ForgottenPairResponse"][];
            /** @description Recorded decisions about calls to the number around that time */
            calls: components["schemas"]["RecordedCallResponse"][];
        };
        StepResponse: {
            /**
             * @description The step of the provider's flow
             * @example connect
             */
            step: string;
            /**
             * @example connect
             * @enum {string}
             */
            decision: "connect" | "refuse" | "ask-pin" | "forward" | "drop";
            /** @example CONNECTED */
            reason: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:02.000Z
             */
            at: string;
        };
        ExplainedInteraction: {
            /**
             * @example call
             * @enum {string}
             */
            kind: "call" | "text";
            /**
             * @example exotel
             * @enum {string}
             */
            provider: "exotel" | "twilio";
            /** @example 5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a */
            providerCallId: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:02.000Z
             */
            at: string;
            /**
             * @description The role of the caller or sender, or unknown
             * @example customer
             */
            from: string;
            /**
             * @description The role of the callee or recipient. Null if no link is known, and for calls and texts before links existed.
             * @example agent
             */
            to: string | null;
            /**
             * @description For a text, forward or drop
             * @example connect
             * @enum {string}
             */
            decision: "connect" | "refuse" | "ask-pin" | "forward" | "drop";
            /**
             * @example CONNECTED
             * @enum {string}
             */
            reason: "CONNECTED" | "CONNECTED_IN_GRACE" | "UNKNOWN_VN" | "CLI_WITHHELD" | "UNKNOWN_CALLER" | "NO_SESSION" | "ORDER_ENDED" | "LINK_CLOSED" | "ORDER_UNCONFIRMED" | "NOT_CONNECTED_YET" | "SELF_CALL" | "LOOP" | "DIRECTION_NOT_ALLOWED" | "BLOCKED" | "QUIET_HOURS" | "CAP_REACHED" | "PIN_WRONG" | "PIN_LOCKED" | "CALL_ID_REUSED" | "ALREADY_CONNECTED" | "CALL_OVER" | "TOO_MANY_MISSES" | "NOT_CONFIRMED" | "TRY_LATER" | "STALE_STATE" | "PIN_REQUIRED" | "FORWARDED" | "FORWARDED_IN_GRACE" | "TEXTS_OFF" | "TEXTS_UNAVAILABLE" | "OPTED_OUT" | "OPTED_IN" | "RECIPIENT_OPTED_OUT" | "TOO_MANY_TEXTS" | "REPEATED_TEXT" | "NOTHING_TO_FORWARD" | "TEXT_OVER" | "MESSAGE_ID_REUSED";
            /**
             * @description What happened, in one sentence for support staff
             * @example The customer called the agent; the agent's phone rang for 5 s, they talked for 1 min 1 s and the customer hung up.
             */
            words: string;
            /**
             * @description What to tell the person who called or wrote, for example "Please call from the phone that is in the app."; null = nothing. Never tells of a block.
             * @example null
             */
            tell: string | null;
            /** @description Every decision about it, oldest first; the last one counts */
            steps: components["schemas"]["StepResponse"][];
            /**
             * @description How far it got, as reported by the provider
             * @example ended
             * @enum {string}
             */
            state: "decided" | "ringing" | "answered" | "ended";
            /**
             * @description Null until the provider has reported the end
             * @example completed
             * @enum {string|null}
             */
            outcome: "completed" | "busy" | "no-answer" | "failed" | "canceled" | "refused" | "sent" | "delivered" | "dropped" | null;
            /**
             * @description Seconds that both participants talked
             * @example 61
             */
            talkSeconds: number | null;
            /**
             * @description If the provider reports it
             * @example 5
             */
            ringSeconds: number | null;
            /**
             * @description If the provider reports it
             * @example caller
             * @enum {string|null}
             */
            hungUpBy: "caller" | "callee" | null;
            /**
             * Format: date-time
             * @example 2026-11-22T06:01:20.000Z
             */
            endedAt: string | null;
            /**
             * @description false = the provider does not know this call, so somebody who has the secret invented it; null = not asked
             * @example null
             */
            genuine: boolean | null;
            /**
             * @description Number of segments that a forwarded text was sent and charged as
             * @example null
             */
            segments: number | null;
            /**
             * @description Whether a recording was reported. GET …/interactions/{provider}/{providerCallId}/recording returns it.
             * @example false
             */
            recorded: boolean;
            /**
             * @description The virtual number
             * @example +918047000001
             */
            number: string | null;
        };
        OrderExplanationResponse: {
            /** @example order-1001 */
            reference: string;
            /**
             * @description Null = of all participants
             * @example null
             */
            role: string | null;
            /**
             * @example [
             *       "Order order-1001 has 1 call."
             *     ]
             */
            words: string[];
            /** @description The calls and texts of the order, oldest first */
            calls: components["schemas"]["ExplainedInteraction"][];
            /** @description Calls and texts of unknown callers to the order's numbers while it had them, oldest first. They belong to no order: perhaps a participant called from another phone, perhaps a stranger. */
            possiblyTheirs: components["schemas"]["ExplainedInteraction"][];
            /**
             * @description false = there are older ones, which are left out
             * @example true
             */
            isWhole: boolean;
        };
        ExplainRequest: {
            /**
             * @description The calling phone, in any form. Text that is not a number counts as withheld. With `to`.
             * @example +919000000001
             */
            from?: string;
            /**
             * @description The virtual number that it dials, in E.164. With `from`.
             * @example +918047000001
             */
            to?: string;
            /**
             * @description An instant with a time zone; default: now. With `from` and `to`.
             * @example 2026-11-22T06:00:00Z
             */
            at?: string;
            /**
             * @description Explains every call and text of this order, in place of one call
             * @example order-1001
             */
            reference?: string;
            /**
             * @description Only the calls and texts that the participant in this role took part in. With `reference`.
             * @example agent
             */
            role?: string;
        };
        InteractionResponse: {
            /**
             * @example call
             * @enum {string}
             */
            kind: "call" | "text";
            /**
             * @example exotel
             * @enum {string}
             */
            provider: "exotel" | "twilio";
            /** @example 5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a */
            providerCallId: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:02.000Z
             */
            at: string;
            /**
             * @description The role of the caller or sender, or unknown
             * @example customer
             */
            from: string;
            /**
             * @description The role of the callee or recipient. Null if no link is known, and for calls and texts before links existed.
             * @example agent
             */
            to: string | null;
            /**
             * @description For a text, forward or drop
             * @example connect
             * @enum {string}
             */
            decision: "connect" | "refuse" | "ask-pin" | "forward" | "drop";
            /**
             * @example CONNECTED
             * @enum {string}
             */
            reason: "CONNECTED" | "CONNECTED_IN_GRACE" | "UNKNOWN_VN" | "CLI_WITHHELD" | "UNKNOWN_CALLER" | "NO_SESSION" | "ORDER_ENDED" | "LINK_CLOSED" | "ORDER_UNCONFIRMED" | "NOT_CONNECTED_YET" | "SELF_CALL" | "LOOP" | "DIRECTION_NOT_ALLOWED" | "BLOCKED" | "QUIET_HOURS" | "CAP_REACHED" | "PIN_WRONG" | "PIN_LOCKED" | "CALL_ID_REUSED" | "ALREADY_CONNECTED" | "CALL_OVER" | "TOO_MANY_MISSES" | "NOT_CONFIRMED" | "TRY_LATER" | "STALE_STATE" | "PIN_REQUIRED" | "FORWARDED" | "FORWARDED_IN_GRACE" | "TEXTS_OFF" | "TEXTS_UNAVAILABLE" | "OPTED_OUT" | "OPTED_IN" | "RECIPIENT_OPTED_OUT" | "TOO_MANY_TEXTS" | "REPEATED_TEXT" | "NOTHING_TO_FORWARD" | "TEXT_OVER" | "MESSAGE_ID_REUSED";
            /**
             * @description What happened, in one sentence for support staff
             * @example The customer called the agent; the agent's phone rang for 5 s, they talked for 1 min 1 s and the customer hung up.
             */
            words: string;
            /**
             * @description What to tell the person who called or wrote, for example "Please call from the phone that is in the app."; null = nothing. Never tells of a block.
             * @example null
             */
            tell: string | null;
            /** @description Every decision about it, oldest first; the last one counts */
            steps: components["schemas"]["StepResponse"][];
            /**
             * @description How far it got, as reported by the provider
             * @example ended
             * @enum {string}
             */
            state: "decided" | "ringing" | "answered" | "ended";
            /**
             * @description Null until the provider has reported the end
             * @example completed
             * @enum {string|null}
             */
            outcome: "completed" | "busy" | "no-answer" | "failed" | "canceled" | "refused" | "sent" | "delivered" | "dropped" | null;
            /**
             * @description Seconds that both participants talked
             * @example 61
             */
            talkSeconds: number | null;
            /**
             * @description If the provider reports it
             * @example 5
             */
            ringSeconds: number | null;
            /**
             * @description If the provider reports it
             * @example caller
             * @enum {string|null}
             */
            hungUpBy: "caller" | "callee" | null;
            /**
             * Format: date-time
             * @example 2026-11-22T06:01:20.000Z
             */
            endedAt: string | null;
            /**
             * @description false = the provider does not know this call, so somebody who has the secret invented it; null = not asked
             * @example null
             */
            genuine: boolean | null;
            /**
             * @description Number of segments that a forwarded text was sent and charged as
             * @example null
             */
            segments: number | null;
            /**
             * @description Whether a recording was reported. GET …/interactions/{provider}/{providerCallId}/recording returns it.
             * @example false
             */
            recorded: boolean;
        };
        InteractionsResponse: {
            interactions: components["schemas"]["InteractionResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        OrderCallRequest: {
            /**
             * @description The participant whose phone rings first
             * @example agent
             */
            from: string;
            /**
             * @description The participant whose phone rings then; required only if `from` has links to several others
             * @example customer
             */
            to?: string;
        };
        OrderedCallResponse: {
            /** Format: uuid */
            id: string;
            /** @example agent */
            from: string;
            /** @example customer */
            to: string;
            /**
             * @description ordered = it is not known whether the provider placed the call; Maskline finds out, and never orders it twice
             * @example placed
             * @enum {string}
             */
            state: "wanted" | "ordered" | "placed" | "failed" | "ended";
            /**
             * @description Why the call failed
             * @example null
             */
            reason: string | null;
            /**
             * @description The virtual number that the second participant sees
             * @example +918047000001
             */
            shownNumber: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            wantedAt: string;
            /** @description The call's id at the provider, once it is known */
            interaction: components["schemas"]["InteractionResponse"] | null;
        };
        SearchRequest: {
            /**
             * @description The phone of a participant, in E.164, or as it is dialled within the country of any pool; in several, each number that it may be is looked for
             * @example +919000000001
             */
            phone?: string;
            /**
             * @description The order's reference. If no order has it, orders are found whose references are the same in capitals, in small letters, or with one capital at the beginning.
             * @example order-1001
             */
            reference?: string;
            /**
             * @description A virtual number, in E.164, or as it is dialled within the country of any pool; in several, each number that it may be is looked for
             * @example +918047000001
             */
            number?: string;
            /**
             * @description The provider's id of a call or text
             * @example 5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a
             */
            providerCallId?: string;
        };
        FoundPerson: {
            /** @example customer */
            role: string;
            /**
             * @description `declared` and `pin`: an alternate phone of the participant
             * @example registered
             * @enum {string}
             */
            known: "registered" | "declared" | "pin";
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            joinedAt: string;
            /**
             * Format: date-time
             * @example null
             */
            leftAt: string | null;
        };
        FoundSpan: {
            /**
             * @description The role of the participant who could dial it
             * @example customer
             */
            dialler: string;
            /**
             * @description The role of the participant whom it reached
             * @example agent
             */
            callee: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:05:00.000Z
             */
            assignedAt: string;
            /**
             * Format: date-time
             * @example 2026-11-23T06:30:00.000Z
             */
            connectsUntil: string;
        };
        FoundOrderResponse: {
            order: components["schemas"]["OrderResponse"];
            /** @description Whose phone it is. Empty if the search was not by `phone`. */
            people: components["schemas"]["FoundPerson"][];
            /** @description When the number served the order, oldest first. Empty if the search was not by `number`. */
            served: components["schemas"]["FoundSpan"][];
        };
        SearchResponse: {
            /** @description Newest first; for `number`, by the last time that it was assigned */
            orders: components["schemas"]["FoundOrderResponse"][];
            /** @description The call or text with this id, also if it belongs to no order. Empty for other searches. */
            interactions: components["schemas"]["InteractionResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        PersonRequest: {
            /**
             * @description The person's phone in E.164
             * @example +919000000001
             */
            phone: string;
        };
        PersonsNumber: {
            /**
             * @description The number that the person dials
             * @example +918047000001
             */
            dials: string;
            /**
             * @description The role of the other participant
             * @example agent
             */
            to: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            assignedAt: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            connectsUntil: string;
            /**
             * Format: date-time
             * @example null
             */
            quarantinedUntil: string | null;
            /**
             * Format: date-time
             * @description Since when the other participant blocks them
             * @example null
             */
            blockedAt: string | null;
            /**
             * @description Whether a PIN is stored
             * @example false
             */
            hasPin: boolean;
        };
        PersonsOrder: {
            /** @example order-1001 */
            reference: string;
            /** @enum {string} */
            status: "placed" | "awaiting-numbers" | "active" | "closing" | "ended";
            /** @example customer */
            role: string;
            /**
             * @description `declared` and `pin`: an alternate phone of the participant
             * @enum {string}
             */
            known: "registered" | "declared" | "pin";
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            joinedAt: string;
            /**
             * Format: date-time
             * @example null
             */
            leftAt: string | null;
            /**
             * Format: date-time
             * @description Since when they want no texts
             * @example null
             */
            optedOutAt: string | null;
            numbers: components["schemas"]["PersonsNumber"][];
        };
        PersonsEvent: {
            /**
             * @example order.placed
             * @enum {string}
             */
            type: "order.placed" | "order.agent-assigned" | "order.participant-assigned" | "order.participant-removed" | "order.link-opened" | "order.link-closed" | "order.completed" | "order.cancelled";
            /**
             * @description The order that it is about
             * @example order-1001
             */
            reference: string;
            /**
             * @description The role for which the phone is named
             * @example customer
             */
            role: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            receivedAt: string;
        };
        PersonsCall: {
            /** @example order-1001 */
            reference: string;
            /** @enum {string} */
            kind: "call" | "text";
            /** @enum {string} */
            provider: "exotel" | "twilio";
            /**
             * @description The provider's id
             * @example c5797dcbaaeed7678c4062a4a3ed2f8a
             */
            id: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            at: string;
            /**
             * @description The role of the caller or sender
             * @example customer
             */
            from: string | null;
            /**
             * @description The dialled number
             * @example +918047000001
             */
            number: string | null;
            /** @example connect */
            decision: string;
            /** @example CONNECTED */
            reason: string;
            /** @example completed */
            outcome: string | null;
            /** @example 61 */
            talkSeconds: number | null;
            /**
             * @description Of a text: its delivery
             * @example null
             */
            delivery: string | null;
            /**
             * @description Whether a link to a recording is stored
             * @example false
             */
            recorded: boolean;
            /**
             * @description Kept words of a text, redacted
             * @example null
             */
            words: string | null;
        };
        PersonsAuditEntry: {
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:00.000Z
             */
            at: string;
            /** @example key 3fa41c09 */
            who: string;
            /** @example routing.explain */
            what: string;
            /** @example +918047000001 */
            about: string | null;
        };
        PersonResponse: {
            /** @example +91••••••••01 */
            phone: string;
            /** @description Orders that still contain the phone */
            orders: components["schemas"]["PersonsOrder"][];
            /** @description Events of the order system that are not applied yet */
            events: components["schemas"]["PersonsEvent"][];
            /** @description Calls and texts of these orders, oldest first */
            interactions: components["schemas"]["PersonsCall"][];
            /** @description Accesses that asked for the phone, oldest first */
            audit: components["schemas"]["PersonsAuditEntry"][];
            /**
             * @description Wrong PINs of the last day
             * @example 0
             */
            wrongPins: number;
        };
        ErasedCounts: {
            /**
             * @description Texts whose words were deleted
             * @example 2
             */
            texts: number;
            /**
             * @description Deleted links to recordings
             * @example 1
             */
            recordings: number;
            /**
             * @description Audit entries that named the phone
             * @example 1
             */
            auditEntries: number;
            /**
             * @description Whether wrong PINs of the phone were stored
             * @example false
             */
            wrongPins: boolean;
        };
        Remaining: {
            /** @example order-1001 */
            reference: string;
            /** @example customer */
            role: string;
            /** @example The order is active. The phone is deleted when its quarantine is over. */
            why: string;
            /**
             * Format: date-time
             * @description When the phone is deleted; null while the order has not ended
             * @example null
             */
            until: string | null;
        };
        ErasureResponse: {
            /**
             * Format: uuid
             * @description In the audit log, instead of the phone
             */
            id: string;
            erased: components["schemas"]["ErasedCounts"];
            /** @description What orders and events still need. Empty = nothing is left. */
            remains: components["schemas"]["Remaining"][];
        };
        ForecastBasisResponse: {
            /**
             * @description What the forecast compares with: past weeks, past days, or nothing yet
             * @enum {string}
             */
            pattern: "week" | "day" | "none";
            /**
             * @description Days of history that the forecast uses
             * @example 35.5
             */
            days: number;
            /**
             * @description Orders of a week, divided by those of the week before
             * @example 1.04
             */
            trend: number;
            /**
             * @description Orders of the last three hours, divided by the usual ones; deviations by chance are removed
             * @example 1
             */
            today: number;
            /**
             * @description Variance of overlapping orders in busy hours, divided by that of a Poisson distribution
             * @example 1.6
             */
            spread: number;
            /**
             * @description Median time for which an order holds its numbers, including grace
             * @example 75
             */
            holdingMedianMinutes: number;
            /**
             * @description 99th percentile of the time for which an order holds its numbers, including grace
             * @example 135
             */
            holdingLongestMinutes: number;
            /**
             * @description Largest number of pairs in a week of the dialler at the 99.9th percentile
             * @example 12
             */
            diallerPairs: number;
        };
        QuarterNeedResponse: {
            /**
             * Format: date-time
             * @description Start of a quarter hour
             * @example 2026-11-22T18:30:00.000Z
             */
            quarter: string;
            /**
             * @description Expected number of orders that hold numbers at the same time, on average
             * @example 180.4
             */
            expectedOverlap: number;
            /**
             * @description The same with a safety margin: exceeded in one quarter hour of a thousand
             * @example 212
             */
            overlap: number;
            /**
             * @description Numbers needed for those orders
             * @example 424
             */
            forOrders: number;
            /**
             * @description Additional numbers, because numbers in quarantine cannot serve the same dialler again
             * @example 12
             */
            forDiallers: number;
            /**
             * @description Numbers needed for simultaneous calls; 0 if channelsPerNumber is null
             * @example 0
             */
            forCalls: number;
            /**
             * @description Numbers needed in all: forOrders + forDiallers, or forCalls if that is more
             * @example 436
             */
            numbers: number;
        };
        ForecastResponse: {
            /** @example default */
            pool: string;
            /**
             * @description The reason, in one sentence
             * @example 14 more by 18:30 UTC on 22 Nov: 212 orders expected to overlap, 2 each, 410 owned.
             */
            why: string;
            /**
             * @description Numbers to buy by the forecast alone; the low-water mark and waiting orders may require more
             * @example 14
             */
            missing: number;
            /**
             * @description Numbers in service
             * @example 410
             */
            owned: number;
            /**
             * @description Numbers being bought or configured
             * @example 0
             */
            coming: number;
            /**
             * @description Seconds from requesting a number to having it: the pool's lead time, or what nine of ten purchases took if that is longer
             * @example 3660
             */
            leadSeconds: number;
            /** @description What the forecast uses; null while too little is measured */
            basis: components["schemas"]["ForecastBasisResponse"] | null;
            /** @description The quarter hour that needs the most numbers */
            hardest: components["schemas"]["QuarterNeedResponse"] | null;
            /** @description Each quarter hour of the lead time */
            quarters: components["schemas"]["QuarterNeedResponse"][];
        };
        CallsResponse: {
            /**
             * @description Calls of the last 24 hours that were connected and whose outcome is known
             * @example 40
             */
            calls: number;
            /** @example 30 */
            answered: number;
            /**
             * @description Answered calls that lasted less than 6 seconds
             * @example 2
             */
            short: number;
            /** @example 1 */
            failed: number;
        };
        NumberHealthResponse: {
            /** @example +918047000001 */
            number: string;
            /** @enum {string} */
            status: "provisioning" | "available" | "draining" | "retired" | "resting" | "suspended";
            /** @description Calls through this number */
            calls: components["schemas"]["CallsResponse"];
            /** @description Calls through the pool's other numbers */
            pool: components["schemas"]["CallsResponse"];
            /**
             * @description Why the number is now worse than its pool; null if it is not
             * @example 10 % of its calls are answered, 78 % of the pool’s.
             */
            sickBecause: string | null;
            /**
             * @description Why the number was put to rest; null if it was not
             * @example null
             */
            restedBecause: string | null;
            /**
             * Format: date-time
             * @description When the number takes new orders again; null unless it is resting
             * @example null
             */
            restsUntil: string | null;
            /**
             * Format: date-time
             * @description Automatic resting is disabled until then, because an operator resumed the number
             * @example null
             */
            overruledUntil: string | null;
        };
        NumbersHealthResponse: {
            /** @description Those with calls in the last 24 hours, and those that rest */
            numbers: components["schemas"]["NumberHealthResponse"][];
        };
        OutlookResponse: {
            /**
             * @description Numbers that orders need, with a safety margin
             * @example 14
             */
            needed: number;
            /**
             * Format: date-time
             * @description The quarter hour within the lead time that needs the most numbers; null = too little is measured for a forecast, and the orders of now count
             * @example 2026-11-22T18:30:00.000Z
             */
            neededAt: string | null;
            /**
             * @description Numbers that the pool has, in any state but retired
             * @example 212
             */
            owned: number;
            /**
             * @description Numbers that can take one more order
             * @example 200
             */
            assignable: number;
            /**
             * @description Numbers that Maskline would buy now. Budgets and what the provider offers may allow fewer
             * @example 0
             */
            toBuy: number;
            /**
             * @description The reason for what it would buy, in one sentence
             * @example 200 can be assigned and 0 are coming: enough.
             */
            why: string;
        };
        PolicyEffectResponse: {
            /** @example capacity */
            field: string;
            /**
             * @description What the change does, in words
             * @example With 100 orders a number, the expected orders need about 14 numbers instead of 212. Running orders keep their numbers.
             */
            effect: string;
        };
        PolicyPreviewResponse: {
            /** @example default */
            pool: string;
            /** @description With the present policy */
            now: components["schemas"]["OutlookResponse"];
            /** @description With the change */
            then: components["schemas"]["OutlookResponse"];
            /** @description For each field that changes, also for those that follow from others */
            effects: components["schemas"]["PolicyEffectResponse"][];
        };
        PurchaseResponse: {
            /** @example +918047000001 */
            number: string;
            /** @enum {string} */
            provider: "exotel" | "twilio";
            /**
             * @description The step that it has reached: wanted = chosen from what the provider offers; ordered = the provider was asked, and may or may not have sold it; owned = sold; configured = the provider was told to send its calls to Maskline; verified = the provider confirms that; available = it can be assigned; failed = see reason
             * @example available
             * @enum {string}
             */
            state: "wanted" | "ordered" | "owned" | "configured" | "verified" | "available" | "failed";
            /**
             * @description Why it failed; null if it did not
             * @example null
             */
            reason: string | null;
            /**
             * @description Monthly rent: as offered, and as charged once the number is owned; null = the provider does not say
             * @example 500
             */
            rent: number | null;
            /** @example INR */
            currency: string | null;
            /**
             * Format: date-time
             * @description When the number was chosen
             * @example 2026-11-22T06:00:00.000Z
             */
            wantedAt: string;
            /**
             * Format: date-time
             * @description When the provider was first asked
             * @example 2026-11-22T06:00:00.000Z
             */
            orderedAt: string | null;
            /**
             * Format: date-time
             * @description When it was known that it is owned or failed
             * @example 2026-11-22T06:00:00.000Z
             */
            settledAt: string | null;
        };
        PurchasesResponse: {
            purchases: components["schemas"]["PurchaseResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        SupplyEventResponse: {
            /** @enum {string} */
            kind: "budget.crossed" | "provider.in-trouble" | "provider.recovered" | "number.unknown" | "number.lost" | "number.back" | "number.pointed-at-us-again" | "number.out-of-reach" | "number.given-back" | "number.sick" | "number.woken" | "list.doubted" | "pool.dry" | "pool.served";
            /** @enum {string|null} */
            provider: "exotel" | "twilio" | null;
            /** @example Pool default has reached 80 % of its 100 numbers. */
            detail: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:05:00.000Z
             */
            at: string;
        };
        SupplyEventsResponse: {
            /** @description Newest first */
            events: components["schemas"]["SupplyEventResponse"][];
        };
        ReplenishResponse: {
            /** @example default */
            pool: string;
        };
        LiveOrdersResponse: {
            /**
             * @description Without an agent
             * @example 3
             */
            placed: number;
            /**
             * @description Waiting for numbers of the pool
             * @example 0
             */
            awaitingNumbers: number;
            /** @example 120 */
            active: number;
            /**
             * @description Ended, and calls still connect
             * @example 14
             */
            closing: number;
        };
        SpendingResponse: {
            /** @example INR */
            currency: string | null;
            /**
             * @description Monthly rents of the numbers bought in this UTC day
             * @example 1500
             */
            today: number;
            /**
             * @description null = no limit
             * @example 5000
             */
            mostPerDay: number | null;
            /**
             * @description Monthly rents of the numbers bought in this UTC month
             * @example 12000
             */
            thisMonth: number;
            /**
             * @description null = no limit
             * @example 50000
             */
            mostPerMonth: number | null;
        };
        PoolStatusResponse: {
            /** @example default */
            pool: string;
            /** @description Orders that are not over */
            orders: components["schemas"]["LiveOrdersResponse"];
            /**
             * Format: date-time
             * @description Since when the order that waits longest has waited for numbers; null = none waits
             * @example null
             */
            oldestWaitingSince: string | null;
            spending: components["schemas"]["SpendingResponse"];
        };
        CallMinuteResponse: {
            /**
             * Format: date-time
             * @description Start of a whole minute
             * @example 2026-11-22T06:00:00.000Z
             */
            minute: string;
            /** @example 41 */
            connected: number;
            /** @example 3 */
            refused: number;
            /**
             * @description Callers who were asked for a PIN and did not go on yet
             * @example 0
             */
            pinAsked: number;
        };
        RefusalsResponse: {
            /**
             * @example ORDER_ENDED
             * @enum {string}
             */
            reason: "UNKNOWN_VN" | "CLI_WITHHELD" | "UNKNOWN_CALLER" | "NO_SESSION" | "ORDER_ENDED" | "LINK_CLOSED" | "ORDER_UNCONFIRMED" | "NOT_CONNECTED_YET" | "SELF_CALL" | "LOOP" | "DIRECTION_NOT_ALLOWED" | "BLOCKED" | "QUIET_HOURS" | "CAP_REACHED" | "PIN_WRONG" | "PIN_LOCKED" | "CALL_ID_REUSED" | "ALREADY_CONNECTED" | "CALL_OVER" | "TOO_MANY_MISSES" | "NOT_CONFIRMED" | "TRY_LATER" | "STALE_STATE";
            /**
             * @description The reason in words
             * @example the order is over, or the caller is no longer on it
             */
            because: string;
            /** @example 2 */
            calls: number;
        };
        CallsStatusResponse: {
            /** @description The last 15 whole minutes, oldest first */
            minutes: components["schemas"]["CallMinuteResponse"][];
            /** @description Refused calls of these minutes, the most frequent reason first */
            refusals: components["schemas"]["RefusalsResponse"][];
        };
        ProviderStatusResponse: {
            /** @enum {string} */
            provider: "exotel" | "twilio";
            /**
             * @description inventory = reading and changing owned numbers; purchase = buying. Either can fail alone
             * @enum {string}
             */
            use: "inventory" | "purchase";
            /**
             * @description Why the last request failed; null = it succeeded, or none was made
             * @example null
             */
            trouble: string | null;
            /**
             * Format: date-time
             * @description No requests are sent until then; null = they are sent
             * @example null
             */
            pausedUntil: string | null;
        };
        QueueStatusResponse: {
            /** @example orders.intake */
            queue: string;
            /**
             * @description Jobs that wait; null = it was never read
             * @example 0
             */
            waiting: number | null;
            /**
             * @description Failed jobs that are kept
             * @example 0
             */
            failed: number | null;
            /**
             * @description How long its next job is late
             * @example 0
             */
            overdueSeconds: number;
            /**
             * @description Time since its backend last answered
             * @example 1.2
             */
            unreadSeconds: number;
        };
        WebhookStatusResponse: {
            /**
             * @description The id of the webhook endpoint; null = the webhook of `ORDER_EVENTS_URL`
             * @example 6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11
             */
            endpoint: string | null;
            /** @example https://orders.example.com/hooks/maskline */
            url: string;
            /** @example true */
            enabled: boolean;
            /**
             * @description Null = it is enabled
             * @example null
             * @enum {string|null}
             */
            disabledBecause: "requested" | "gone" | "failing" | "restored" | null;
            /**
             * @description Age of the oldest event that it has not acknowledged
             * @example 0
             */
            behindSeconds: number;
        };
        ReplicaStatusResponse: {
            /**
             * @description How far the replica of the process that answers may be behind the database; null = it has none that is filled
             * @example 0.4
             */
            behindSeconds: number | null;
            /**
             * @description Why the database does not allow a replica, and what to do; null = it does
             * @example null
             */
            refusal: string | null;
        };
        InstallationStatusResponse: {
            calls: components["schemas"]["CallsStatusResponse"];
            /**
             * @description off = `BUYING=off`: nothing is bought for any pool
             * @enum {string}
             */
            buying: "on" | "off";
            /** @description Providers with an account */
            providers: components["schemas"]["ProviderStatusResponse"][];
            queues: components["schemas"]["QueueStatusResponse"][];
            webhooks: components["schemas"]["WebhookStatusResponse"][];
            replica: components["schemas"]["ReplicaStatusResponse"];
        };
        StatusResponse: {
            /**
             * Format: date-time
             * @description The instant of this status
             * @example 2026-11-22T06:00:00.000Z
             */
            at: string;
            /** @description By name; those that the key may see */
            pools: components["schemas"]["PoolStatusResponse"][];
            /** @description What concerns all pools; null for a key that is limited to pools */
            installation: components["schemas"]["InstallationStatusResponse"] | null;
        };
        WriterResponse: {
            /** @example customer */
            role: string;
            /**
             * @description Masked; null once it is deleted after the quarantine
             * @example +91••••••••01
             */
            phone: string | null;
        };
        KeptTextResponse: {
            /**
             * @example twilio
             * @enum {string}
             */
            provider: "exotel" | "twilio";
            /**
             * @description Its providerCallId in the interactions of the order
             * @example SM5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a
             */
            providerMessageId: string;
            /**
             * Format: date-time
             * @example 2026-11-22T06:00:02.000Z
             */
            at: string;
            from: components["schemas"]["WriterResponse"];
            to: components["schemas"]["WriterResponse"];
            /**
             * @description Without phone numbers, links and addresses, even if the pool forwards them
             * @example Gate code 4411, or call [number removed]
             */
            words: string;
            /**
             * @description Number of spans that were removed from the words
             * @example 1
             */
            removed: number;
            /**
             * @description Delivery state, as far as the provider reported it
             * @example delivered
             * @enum {string|null}
             */
            delivery: "sent" | "failed" | "delivered" | null;
            /**
             * Format: date-time
             * @description When the words are deleted
             * @example 2026-11-29T06:00:02.000Z
             */
            keptUntil: string;
        };
        KeptTextsResponse: {
            texts: components["schemas"]["KeptTextResponse"][];
            /** @example null */
            nextCursor: string | null;
        };
        /** @description RFC 9457. `type` is the path of a page about the problem. Some problems have more fields, for example the `field` of the request that is wrong. */
        Problem: {
            /**
             * @description Decide by this
             * @example /problems/order-not-found
             * @enum {string}
             */
            type: "/problems/invalid-request" | "/problems/invalid-json" | "/problems/unsupported-media-type" | "/problems/body-too-large" | "/problems/endpoint-not-found" | "/problems/method-not-allowed" | "/problems/invalid-path" | "/problems/path-too-long" | "/problems/headers-too-large" | "/problems/request-too-slow" | "/problems/invalid-http" | "/problems/database-unavailable" | "/problems/busy" | "/problems/stream-unavailable" | "/problems/missing-key" | "/problems/missing-scope" | "/problems/limited-to-pools" | "/problems/key-unconfirmed" | "/problems/beyond-own-key" | "/problems/key-not-found" | "/problems/key-ended" | "/problems/session-ended" | "/problems/foreign-origin" | "/problems/link-not-valid" | "/problems/exchange-unavailable" | "/problems/too-many-wrong-keys" | "/problems/invalid-idempotency-key" | "/problems/idempotency-key-in-use" | "/problems/idempotency-key-reused" | "/problems/order-not-found" | "/problems/pool-not-found" | "/problems/participant-not-found" | "/problems/link-not-found" | "/problems/phone-not-found" | "/problems/number-not-found" | "/problems/webhook-endpoint-not-found" | "/problems/too-many-webhook-endpoints" | "/problems/webhook-url-not-allowed" | "/problems/several-links" | "/problems/reference-taken" | "/problems/order-closed" | "/problems/order-without-numbers" | "/problems/phone-taken" | "/problems/too-many-phones" | "/problems/too-many-phones-tried" | "/problems/not-in-grace" | "/problems/no-agent-yet" | "/problems/call-not-allowed" | "/problems/call-key-taken" | "/problems/ordered-call-not-found" | "/problems/calls-not-offered" | "/problems/call-not-found" | "/problems/no-recording" | "/problems/recording-unavailable" | "/problems/pool-name-taken" | "/problems/number-in-use" | "/problems/number-retired" | "/problems/search-by-one" | "/problems/unusable-phone" | "/problems/same-phone" | "/problems/unusable-event" | "/problems/unusable-participants" | "/problems/unsound-policy" | "/problems/texts-unavailable" | "/problems/provider-not-set-up" | "/problems/unusable-virtual-numbers" | "/problems/unreadable-csv" | "/problems/numbers-busy" | "/problems/pool-dry" | "/problems/unexpected";
            /** @example No order has this reference */
            title: string;
            /**
             * @description The HTTP status
             * @example 404
             */
            status: number;
            /**
             * @description What was found, and what to do
             * @example Place the order first.
             */
            detail: string;
        } & {
            [key: string]: unknown;
        };
        IncomingEvent: components["schemas"]["OrderPlacedEvent"] | components["schemas"]["OrderAgentAssignedEvent"] | components["schemas"]["OrderParticipantAssignedEvent"] | components["schemas"]["OrderParticipantRemovedEvent"] | components["schemas"]["OrderLinkOpenedEvent"] | components["schemas"]["OrderLinkClosedEvent"] | components["schemas"]["OrderCompletedEvent"] | components["schemas"]["OrderCancelledEvent"];
        OrderPlacedEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.placed";
            /** @example /order-system */
            source: string;
            /**
             * @description Unique for its source
             * @example e-1
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened. Events of one order are applied in the order of their times.
             * @example 2026-11-22T06:00:00Z
             */
            time?: string | null;
            data: {
                /**
                 * @description The order system's own name for the order
                 * @example order-1001
                 */
                reference: string;
                /** @description Instead of `participants` */
                customer?: {
                    /**
                     * @description E.164, or as it is dialled
                     * @example +919000000001
                     */
                    phone: string;
                };
                participants?: {
                    /** @example courier */
                    role: string;
                    /**
                     * @description E.164, or as it is dialled
                     * @example +919000000001
                     */
                    phone: string;
                }[];
                /**
                 * @example [
                 *       [
                 *         "courier",
                 *         "sender"
                 *       ],
                 *       [
                 *         "courier",
                 *         "recipient"
                 *       ]
                 *     ]
                 */
                links?: (string[] | {
                    /**
                     * @example [
                     *       "courier",
                     *       "sender"
                     *     ]
                     */
                    between: string[];
                    /** @description The only one of the two who may call and text */
                    onlyFrom?: string | null;
                })[] | null;
                /** @example default */
                pool?: string;
                /** @example 86400 */
                lifetimeSeconds?: number;
            };
        };
        OrderAgentAssignedEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.agent-assigned";
            /** @example /order-system */
            source: string;
            /**
             * @description Unique for its source
             * @example e-1
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened. Events of one order are applied in the order of their times.
             * @example 2026-11-22T06:00:00Z
             */
            time?: string | null;
            data: {
                /**
                 * @description The order system's own name for the order
                 * @example order-1001
                 */
                reference: string;
                agent: {
                    /**
                     * @description E.164, or as it is dialled
                     * @example +919000000001
                     */
                    phone: string;
                };
            };
        };
        OrderParticipantAssignedEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.participant-assigned";
            /** @example /order-system */
            source: string;
            /**
             * @description Unique for its source
             * @example e-1
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened. Events of one order are applied in the order of their times.
             * @example 2026-11-22T06:00:00Z
             */
            time?: string | null;
            data: {
                /**
                 * @description The order system's own name for the order
                 * @example order-1001
                 */
                reference: string;
                /** @example courier */
                role: string;
                /**
                 * @description E.164, or as it is dialled
                 * @example +919000000001
                 */
                phone: string;
            };
        };
        OrderParticipantRemovedEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.participant-removed";
            /** @example /order-system */
            source: string;
            /**
             * @description Unique for its source
             * @example e-1
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened. Events of one order are applied in the order of their times.
             * @example 2026-11-22T06:00:00Z
             */
            time?: string | null;
            data: {
                /**
                 * @description The order system's own name for the order
                 * @example order-1001
                 */
                reference: string;
                /** @example courier */
                role: string;
            };
        };
        OrderLinkOpenedEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.link-opened";
            /** @example /order-system */
            source: string;
            /**
             * @description Unique for its source
             * @example e-1
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened. Events of one order are applied in the order of their times.
             * @example 2026-11-22T06:00:00Z
             */
            time?: string | null;
            data: {
                /**
                 * @description The order system's own name for the order
                 * @example order-1001
                 */
                reference: string;
                /**
                 * @example [
                 *       "courier",
                 *       "sender"
                 *     ]
                 */
                between: string[];
                /** @example null */
                onlyFrom?: string | null;
            };
        };
        OrderLinkClosedEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.link-closed";
            /** @example /order-system */
            source: string;
            /**
             * @description Unique for its source
             * @example e-1
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened. Events of one order are applied in the order of their times.
             * @example 2026-11-22T06:00:00Z
             */
            time?: string | null;
            data: {
                /**
                 * @description The order system's own name for the order
                 * @example order-1001
                 */
                reference: string;
                /**
                 * @example [
                 *       "courier",
                 *       "sender"
                 *     ]
                 */
                between: string[];
                /** @example null */
                onlyFrom?: string | null;
            };
        };
        OrderCompletedEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.completed";
            /** @example /order-system */
            source: string;
            /**
             * @description Unique for its source
             * @example e-1
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened. Events of one order are applied in the order of their times.
             * @example 2026-11-22T06:00:00Z
             */
            time?: string | null;
            data: {
                /**
                 * @description The order system's own name for the order
                 * @example order-1001
                 */
                reference: string;
            };
        };
        OrderCancelledEvent: {
            /** @enum {string} */
            specversion: "1.0";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "order.cancelled";
            /** @example /order-system */
            source: string;
            /**
             * @description Unique for its source
             * @example e-1
             */
            id: string;
            /**
             * Format: date-time
             * @description When it happened. Events of one order are applied in the order of their times.
             * @example 2026-11-22T06:00:00Z
             */
            time?: string | null;
            data: {
                /**
                 * @description The order system's own name for the order
                 * @example order-1001
                 */
                reference: string;
            };
        };
    };
    responses: {
        /** @description The body is too large (`body-too-large`) */
        BodyTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The database cannot be used now (`database-unavailable`); Too many expensive requests at once (`busy`); The API key waits to be confirmed (`key-unconfirmed`) */
        DatabaseUnavailableOrBusyOrKeyUnconfirmed: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The database cannot be used now (`database-unavailable`); The API key waits to be confirmed (`key-unconfirmed`) */
        DatabaseUnavailableOrKeyUnconfirmed: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The database cannot be used now (`database-unavailable`); The API key waits to be confirmed (`key-unconfirmed`); Every fitting number is being assigned elsewhere (`numbers-busy`) */
        DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`) */
        IdempotencyKeyInUse: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); This number is out of use (`number-retired`) */
        IdempotencyKeyInUseOrNumberRetired: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`) */
        IdempotencyKeyReused: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not valid HTTP (`invalid-http`) */
        InvalidHttp: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The Idempotency-Key cannot be read (`invalid-idempotency-key`) */
        InvalidIdempotencyKey: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not of the right form (`invalid-request`) */
        InvalidRequest: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not of the right form (`invalid-request`); The body cannot be read as JSON (`invalid-json`) */
        InvalidRequestOrInvalidJson: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not of the right form (`invalid-request`); The body cannot be read as JSON (`invalid-json`); The Idempotency-Key cannot be read (`invalid-idempotency-key`) */
        InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The API key is revoked or expired (`key-ended`); The first request with this Idempotency-Key is under way (`idempotency-key-in-use`) */
        KeyEndedOrIdempotencyKeyInUse: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No such API key (`key-not-found`) */
        KeyNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No valid API key (`missing-key`) */
        MissingKey: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "WWW-Authenticate": components["headers"]["Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No valid API key (`missing-key`); The session has ended (`session-ended`) */
        MissingKeyOrSessionEnded: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "WWW-Authenticate": components["headers"]["Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The API key lacks a scope (`missing-scope`); The API key is limited to pools (`limited-to-pools`) */
        MissingScopeOrLimitedToPools: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This is not a virtual number of this installation (`number-not-found`) */
        NumberNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The order is over (`order-closed`) */
        OrderClosed: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The order is over (`order-closed`); The order has no agent yet (`no-agent-yet`) */
        OrderClosedOrNoAgentYet: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No such order (`order-not-found`) */
        OrderNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No such order (`order-not-found`); These participants are not linked (`link-not-found`) */
        OrderNotFoundOrLinkNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No such order (`order-not-found`); The order has no such participant (`participant-not-found`) */
        OrderNotFoundOrParticipantNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No such order (`order-not-found`); The order has no such participant (`participant-not-found`); These participants are not linked (`link-not-found`) */
        OrderNotFoundOrParticipantNotFoundOrLinkNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such pool (`pool-not-found`) */
        PoolNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The participant has several links (`several-links`); The participants have no numbers now (`order-without-numbers`) */
        SeveralLinksOrOrderWithoutNumbers: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many wrong API keys (`too-many-wrong-keys`) */
        TooManyWrongKeys: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many wrong API keys (`too-many-wrong-keys`); Too many phones for one order (`too-many-phones-tried`) */
        TooManyWrongKeysOrTooManyPhonesTried: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body has a type that is not read (`unsupported-media-type`) */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                Accept: components["headers"]["Accept"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description This phone cannot be connected (`unusable-phone`); Two participants have the same phone (`same-phone`); These participants or links do not fit (`unusable-participants`) */
        UnusablePhoneOrSamePhoneOrUnusableParticipants: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No such webhook endpoint (`webhook-endpoint-not-found`) */
        WebhookEndpointNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description What it was about, exactly */
        About: string;
        /** @description The `nextCursor` of the last page */
        Cursor: string;
        Id: string;
        /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
        IdempotencyKey: string;
        Limit: number;
        /** @example default */
        Name: string;
        /** @example +918047000001 */
        Number: string;
        PutParticipantRole: string;
        /** @example order-1001 */
        Reference: string;
        Result: "done" | "refused";
        RevokeKeyId: string;
        Role: string;
        /** @description The first instant */
        Since: string;
        /** @description The role of the other participant. Required only if this one has several links. */
        To: string;
        /** @description The first instant that is left out */
        Until: string;
        /** @description The kind of access or change */
        What: string;
        /** @description The principal */
        Who: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description The id of the request: the one that it had, or a new one. It is in every log line of the request.
         * @example 0b8f0a3e-6c1d-4f3a-9a51-0d6f2f1c7e55
         */
        RequestId: string;
        /**
         * @description Where what was created can be read
         * @example /v1/orders/order-1001
         */
        Location: string;
        /**
         * @description After how many seconds to try again, if that is known
         * @example 5
         */
        RetryAfter: number;
        /**
         * @description `true`: this is the stored answer to the first request with the same Idempotency-Key
         * @example true
         */
        IdempotencyReplayed: string;
        /**
         * @description How requests are authenticated (RFC 6750)
         * @example Bearer
         */
        Authenticate: string;
        /**
         * @description The types of bodies that the endpoint reads
         * @example application/json
         */
        Accept: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listOrders: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
                status?: "placed" | "awaiting-numbers" | "active" | "closing" | "ended";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrdersResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    placeOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlaceOrderRequest"];
            };
        };
        responses: {
            /** @description The same order was placed before */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); This reference names another order (`reference-taken`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`); This phone cannot be connected (`unusable-phone`); These participants or links do not fit (`unusable-participants`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeysOrTooManyPhonesTried"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    getOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    assignAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PhoneRequest"];
            };
        };
        responses: {
            /** @description Both participants have their number */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            /** @description The pool has no free numbers. Maskline assigns numbers when they become available and emits `order.agent-assigned`. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            409: components["responses"]["OrderClosed"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnusablePhoneOrSamePhoneOrUnusableParticipants"];
            429: components["responses"]["TooManyWrongKeysOrTooManyPhonesTried"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    orderCall: {
        parameters: {
            query?: never;
            header: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key": string;
            };
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderCallRequest"];
            };
        };
        responses: {
            /** @description The same call was ordered before: more than 24 h ago, or by another client */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderedCallResponse"];
                };
            };
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderedCallResponse"];
                };
            };
            /** @description The provider did not answer. Maskline finds out whether it placed the call. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderedCallResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrLinkNotFound"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); The participant has several links (`several-links`); This call is not allowed now (`call-not-allowed`); This Idempotency-Key belongs to another call (`call-key-taken`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`); The provider cannot place calls (`calls-not-offered`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    getOrderedCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderedCallResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            /** @description No such order (`order-not-found`); No such ordered call (`ordered-call-not-found`) */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    cancelOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    completeOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    confirmOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listEventsOfOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderEventsResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    listInteractions: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InteractionsResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    getRecording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                provider: "exotel" | "twilio";
                providerCallId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "audio/mpeg": string;
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            /** @description No such order (`order-not-found`); The order has no such call (`call-not-found`); This call has no recording (`no-recording`) */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            /** @description The provider did not deliver the recording (`recording-unavailable`) */
            502: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    openLink: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenLinkRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            /** @description The pool has no free numbers. Maskline assigns them when they become available. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); The order is over (`order-closed`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`); These participants or links do not fit (`unusable-participants`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    closeLink: {
        parameters: {
            query: {
                /** @description The two roles, with a comma between them */
                between: string;
            };
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrLinkNotFound"];
            409: components["responses"]["OrderClosed"];
            /** @description These participants or links do not fit (`unusable-participants`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    putParticipant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                role: components["parameters"]["PutParticipantRole"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PhoneRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            /** @description The pool has no free numbers. Maskline assigns them when they become available. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            409: components["responses"]["OrderClosed"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnusablePhoneOrSamePhoneOrUnusableParticipants"];
            429: components["responses"]["TooManyWrongKeysOrTooManyPhonesTried"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    removeParticipant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                role: components["parameters"]["PutParticipantRole"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrParticipantNotFound"];
            409: components["responses"]["OrderClosedOrNoAgentYet"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    correctPhone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                role: components["parameters"]["PutParticipantRole"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PhoneRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrParticipantNotFound"];
            409: components["responses"]["OrderClosedOrNoAgentYet"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This phone cannot be connected (`unusable-phone`); Two participants have the same phone (`same-phone`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeysOrTooManyPhonesTried"];
            /** @description The database cannot be used now (`database-unavailable`); The API key waits to be confirmed (`key-unconfirmed`); Every fitting number is being assigned elsewhere (`numbers-busy`); The pool has no number for this person (`pool-dry`) */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    blockParticipant: {
        parameters: {
            query?: {
                /** @description The role of the other participant. Required only if this one has several links. */
                to?: components["parameters"]["To"];
            };
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                role: components["parameters"]["Role"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockResponse"];
                };
            };
            /** @description The request is not of the right form (`invalid-request`); The Idempotency-Key cannot be read (`invalid-idempotency-key`) */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrParticipantNotFoundOrLinkNotFound"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); The participant has several links (`several-links`); The participants have no numbers now (`order-without-numbers`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    unblockParticipant: {
        parameters: {
            query?: {
                /** @description The role of the other participant. Required only if this one has several links. */
                to?: components["parameters"]["To"];
            };
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                role: components["parameters"]["Role"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrParticipantNotFoundOrLinkNotFound"];
            409: components["responses"]["SeveralLinksOrOrderWithoutNumbers"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listPhones: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                role: components["parameters"]["Role"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KnownPhonesResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrParticipantNotFound"];
            409: components["responses"]["OrderClosedOrNoAgentYet"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    addPhone: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                role: components["parameters"]["Role"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PhoneRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KnownPhonesResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrParticipantNotFound"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); The order is over (`order-closed`); Calls from this phone lead to another order (`phone-taken`); The participant has too many phones (`too-many-phones`); The order has no agent yet (`no-agent-yet`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`); This phone cannot be connected (`unusable-phone`); Two participants have the same phone (`same-phone`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeysOrTooManyPhonesTried"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    removePhone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                id: string;
                role: components["parameters"]["Role"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KnownPhonesResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            /** @description No such order (`order-not-found`); The order has no such participant (`participant-not-found`); The participant has no such phone (`phone-not-found`) */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            409: components["responses"]["OrderClosedOrNoAgentYet"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    getPin: {
        parameters: {
            query?: {
                /** @description The role of the other participant. Required only if this one has several links. */
                to?: components["parameters"]["To"];
            };
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
                role: components["parameters"]["Role"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PinResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrParticipantNotFoundOrLinkNotFound"];
            409: components["responses"]["SeveralLinksOrOrderWithoutNumbers"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    reopenOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); The order can no longer be reopened (`not-in-grace`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    sendEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description Only in binary mode */
                "ce-specversion"?: string;
                /** @description Only in binary mode */
                "ce-type"?: string;
                /** @description Only in binary mode */
                "ce-source"?: string;
                /** @description Only in binary mode */
                "ce-id"?: string;
                /** @description Only in binary mode */
                "ce-time"?: string;
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/cloudevents-batch+json": components["schemas"]["IncomingEvent"][];
                "application/cloudevents+json": components["schemas"]["IncomingEvent"];
                "application/json": ({
                    /** @example order-1001 */
                    reference: string;
                } & {
                    [key: string]: unknown;
                }) | components["schemas"]["IncomingEvent"][];
            };
        };
        responses: {
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntakeResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`); The event cannot be applied to an order (`unusable-event`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listRejectedEvents: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RejectedEventsResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    listOrderEvents: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `next` of the last page */
                after?: string;
                /** @description Types of events, separated by commas; call.* stands for all of a group, * for all. Default: the events of orders */
                types?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    streamChanges: {
        parameters: {
            query?: {
                /** @description Types of changes, separated by commas; call.* stands for all of a group. Default: all you may see */
                types?: string;
            };
            header?: {
                /** @description The id of the last message: the stream goes on after it. Browsers send it when they connect again */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            /** @description The database cannot be used now (`database-unavailable`); No further stream can be opened here now (`stream-unavailable`); The API key waits to be confirmed (`key-unconfirmed`) */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookEndpoints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointsResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    createWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddWebhookEndpointRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointWithSecretResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); There are too many webhook endpoints (`too-many-webhook-endpoints`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`); The URL leads to an address that is not public (`webhook-url-not-allowed`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    getWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["WebhookEndpointNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    deleteWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It gets no more events */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["WebhookEndpointNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    changeWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeWebhookEndpointRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["WebhookEndpointNotFound"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description The URL leads to an address that is not public (`webhook-url-not-allowed`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listWebhookAttempts: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAttemptsResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["WebhookEndpointNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    replayWebhookEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayRequest"];
            };
        };
        responses: {
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["WebhookEndpointNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateSecretRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointWithSecretResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["WebhookEndpointNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    testWebhookEndpoint: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The attempt, whether it succeeded or not */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAttemptResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["WebhookEndpointNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listPools: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolsResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    openPool: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenPoolRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    Location: components["headers"]["Location"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); A pool of this name exists (`pool-name-taken`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`); The pool's policy contradicts itself (`unsound-policy`); The pool's provider forwards no texts (`texts-unavailable`); There is no account with this provider (`provider-not-set-up`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    getPool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    changePool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePolicyRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description The pool's policy contradicts itself (`unsound-policy`); The pool's provider forwards no texts (`texts-unavailable`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmedOrNumbersBusy"];
        };
    };
    listSupplyEvents: {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupplyEventsResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    getForecast: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ForecastResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    listNumberHealth: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NumbersHealthResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    previewPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePolicyRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyPreviewResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description The pool's policy contradicts itself (`unsound-policy`); The pool's provider forwards no texts (`texts-unavailable`); There is no account with this provider (`provider-not-set-up`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    listPurchases: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PurchasesResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    replenishPool: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReplenishResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listNumbers: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
                pool?: string;
                status?: "provisioning" | "available" | "draining" | "retired" | "resting" | "suspended";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NumbersResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    importNumbers: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportNumbersRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NumbersResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description This Idempotency-Key belongs to another request (`idempotency-key-reused`); Some of these cannot be virtual numbers of this pool (`unusable-virtual-numbers`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    drainNumber: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example +918047000001 */
                number: components["parameters"]["Number"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NumberResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["NumberNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrNumberRetired"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    getNumberHealth: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example +918047000001 */
                number: components["parameters"]["Number"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NumberHealthResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["NumberNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    resumeNumber: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example +918047000001 */
                number: components["parameters"]["Number"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NumberResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["NumberNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrNumberRetired"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    retireNumber: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example +918047000001 */
                number: components["parameters"]["Number"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NumberResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["NumberNotFound"];
            /** @description The first request with this Idempotency-Key is under way (`idempotency-key-in-use`); Somebody may still dial this number (`number-in-use`) */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listServedOrders: {
        parameters: {
            query: {
                /** @description An instant with a time zone */
                at: string;
            };
            header?: never;
            path: {
                /** @example +918047000001 */
                number: components["parameters"]["Number"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServedOrdersResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["NumberNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    importNumbersFromCsv: {
        parameters: {
            query?: {
                /** @description Whether only to report what an import would do, and store nothing */
                dryRun?: boolean;
            };
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example default */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReportResponse"];
                };
            };
            /** @description The request is not of the right form (`invalid-request`); The Idempotency-Key cannot be read (`invalid-idempotency-key`); The file is not a CSV file of numbers (`unreadable-csv`) */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["PoolNotFound"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    getRestoration: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestorationResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    declareRestoration: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StateRestorationRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestorationResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    endRestoration: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EndRestorationRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestorationResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listUnconfirmedOrders: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The last reference of the last page */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnconfirmedOrdersResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    listTexts: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only texts to the participant in this role */
                to?: string;
            };
            header?: never;
            path: {
                /** @example order-1001 */
                reference: components["parameters"]["Reference"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptTextsResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    erasePerson: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    exportPerson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    explainCall: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExplainRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExplanationResponse"] | components["schemas"]["OrderExplanationResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["OrderNotFoundOrParticipantNotFound"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    findOrders: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            /** @description A search needs exactly one thing to look for (`search-by-one`) */
            422: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    listAuditEntries: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
                /** @description The principal */
                who?: components["parameters"]["Who"];
                /** @description The kind of access or change */
                what?: components["parameters"]["What"];
                /** @description What it was about, exactly */
                about?: components["parameters"]["About"];
                result?: components["parameters"]["Result"];
                /** @description The first instant */
                since?: components["parameters"]["Since"];
                /** @description The first instant that is left out */
                until?: components["parameters"]["Until"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    exportAuditEntries: {
        parameters: {
            query?: {
                /** @description The principal */
                who?: components["parameters"]["Who"];
                /** @description The kind of access or change */
                what?: components["parameters"]["What"];
                /** @description What it was about, exactly */
                about?: components["parameters"]["About"];
                result?: components["parameters"]["Result"];
                /** @description The first instant */
                since?: components["parameters"]["Since"];
                /** @description The first instant that is left out */
                until?: components["parameters"]["Until"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrBusyOrKeyUnconfirmed"];
        };
    };
    listKeys: {
        parameters: {
            query?: {
                limit?: components["parameters"]["Limit"];
                /** @description The `nextCursor` of the last page */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeysResponse"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateKeyRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKeyResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            409: components["responses"]["IdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: components["parameters"]["RevokeKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyResponse"];
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["KeyNotFound"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    confirmKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: components["parameters"]["RevokeKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyResponse"];
                };
            };
            400: components["responses"]["InvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["KeyNotFound"];
            409: components["responses"]["KeyEndedOrIdempotencyKeyInUse"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your own unique name for this request. Repeat the request with the same one if you got no answer: it is done once, and you get the answer of the first. Kept for 24 h */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                id: components["parameters"]["RevokeKeyId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateKeyRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Idempotency-Replayed": components["headers"]["IdempotencyReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKeyResponse"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrInvalidIdempotencyKey"];
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            404: components["responses"]["KeyNotFound"];
            409: components["responses"]["KeyEndedOrIdempotencyKeyInUse"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionResponse"];
                };
            };
            401: components["responses"]["MissingKeyOrSessionEnded"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionResponse"];
                };
            };
            /** @description The request is not of the right form (`invalid-request`); The body cannot be read as JSON (`invalid-json`); The request is not valid HTTP (`invalid-http`) */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["MissingKey"];
            /** @description The request comes from another site (`foreign-origin`) */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The sign-in link is not valid any more (`link-not-valid`) */
            410: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyWrongKeys"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["MissingKeyOrSessionEnded"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
    explainProblem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The last part of the `type` of a problem */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["InvalidHttp"];
            /** @description No endpoint has this path (`endpoint-not-found`) */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "live";
                    };
                };
            };
            400: components["responses"]["InvalidHttp"];
        };
    };
    checkReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `degraded`: calls are decided, and something else does not work; `works` says what does */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready" | "degraded" | "not ready" | "stopping";
                        works: ("calls" | "orders")[];
                        /** @enum {string} */
                        database: "up" | "down";
                        checks: {
                            [key: string]: string;
                        };
                    };
                };
            };
            400: components["responses"]["InvalidHttp"];
            /** @description `not ready`: nothing works; `stopping`: the process still answers, but send requests elsewhere */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Retry-After": components["headers"]["RetryAfter"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready" | "degraded" | "not ready" | "stopping";
                        works: ("calls" | "orders")[];
                        /** @enum {string} */
                        database: "up" | "down";
                        checks: {
                            [key: string]: string;
                        };
                    };
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["MissingKey"];
            403: components["responses"]["MissingScopeOrLimitedToPools"];
            429: components["responses"]["TooManyWrongKeys"];
            503: components["responses"]["DatabaseUnavailableOrKeyUnconfirmed"];
        };
    };
}
