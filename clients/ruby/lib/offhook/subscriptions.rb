# frozen_string_literal: true

module Offhook
  # Numbers that the account has, and the URLs that are asked about their calls.
  module Subscriptions
    KEEP = Object.new.freeze
    private_constant :KEEP

    # Take a number; its first 30 days are charged at once.
    def subscribe_din(din_uid, action_url: nil, idempotency_key: nil)
      fields = { din_uid: din_uid, action_url: action_url }.compact
      @connection.post("/voice/dins/subscriptions/", fields, idempotency_key)
    end

    def get_subscription_list = @connection.list("/voice/dins/subscriptions/")

    def get_subscription(din_uid) = @connection.get(subscription_path(din_uid))

    # Find out what a call of the number would meet, and what to do. Its action server is asked, nobody is called.
    #
    # It takes as long as that server and its sounds do; an account may ask for one in a hundred requests' time.
    def get_diagnosis(din_uid) = @connection.get(subscription_path(din_uid, "diagnosis"))

    def set_action_url(din_uid, url, idempotency_key: nil)
      set_urls(din_uid, action_url: url, idempotency_key: idempotency_key)
    end

    # Set what is given, and only that; nil takes a value away. `default_action` is action text or a Script.
    def set_urls(din_uid, action_url: KEEP, fallback_url: KEEP, default_action: KEEP, idempotency_key: nil)
      fields = { action_url: action_url, fallback_url: fallback_url, default_action: default_action }
      @connection.post(subscription_path(din_uid), fields.reject { |_, value| value.equal?(KEEP) }, idempotency_key)
    end

    # Give a number back. Within 24 hours its charge comes back too.
    def unsubscribe_din(din_uid) = @connection.delete(subscription_path(din_uid))

    private

    def subscription_path(*parts) = @connection.path("voice", "dins", "subscriptions", *parts)
  end
end
