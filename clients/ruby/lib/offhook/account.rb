# frozen_string_literal: true

module Offhook
  # Credit, what it went for, and how requests to the account's servers are signed.
  module Account
    def get_account = @connection.get("/account/")

    # Return an Enumerator over postings, the newest first. Filters: since, until; `limit` is the size of a page.
    def get_ledger(**filters) = @connection.pages("/account/ledger/", filters)

    # Return an Enumerator over what each number was used for, day by day.
    #
    # Filters: since and until (Date or ISO 8601), by default the present month; `limit` is the size of a page.
    def get_usage(**filters) = @connection.pages("/account/usage/", filters)

    # Return the servers that are left alone now because they failed.
    def get_breakers = @connection.list("/account/breakers/")

    def get_signing = @connection.get("/account/signing/")

    # Set the origins at which redirects and `next` are signed too: a list, or a text with blanks between.
    def set_signing(sign_origins:, idempotency_key: nil)
      @connection.post("/account/signing/", { sign_origins: Array(sign_origins).join(" ") }, idempotency_key)
    end

    # Make a new secret. It stands in the answer under "secret", this once.
    #
    # The one before signs beside it for 24 hours, unless `old_secret` is "drop".
    def rotate_signing_secret(old_secret: nil, idempotency_key: nil)
      @connection.post("/account/signing/secret/", { old_secret: old_secret }.compact, idempotency_key)
    end

    # Sign no more.
    def remove_signing_secret = @connection.delete("/account/signing/secret/")
  end
end
