# frozen_string_literal: true

module Offhook
  # Free numbers, and those that are kept for this account for half an hour.
  module Numbers
    # Return an Enumerator over free numbers, page after page.
    #
    # Filters: country, prefix, contains, max_monthly_cost, max_minute_cost, features (a list); `limit` is the size of
    # a page.
    def get_din_list(**filters) = @connection.pages("/voice/dins/", filters)

    # Keep a free number for 30 minutes, at no cost.
    def reserve_din(din_uid, idempotency_key: nil)
      @connection.post("/voice/dins/reservations/", { din_uid: din_uid }, idempotency_key)
    end

    def get_reservation_list = @connection.list("/voice/dins/reservations/")

    # Give a reserved number back.
    def release_din(din_uid) = @connection.delete(@connection.path("voice", "dins", "reservations", din_uid))
  end
end
