# frozen_string_literal: true

module Offhook
  # Hosted rules: a number decides by itself who may call, when it is open, and what happens then.
  module Rules
    # Put a document of rules in the place of the one before. The number must have no action URL.
    #
    # It is a Hash whose scripts are action text or a Script, or JSON text.
    def set_rules(din_uid, document) = @connection.put(subscription_path(din_uid, "rules"), document)

    def get_rules(din_uid) = @connection.get(subscription_path(din_uid, "rules"))

    # Say what would happen with a call and why. `at` is a Time or ISO 8601, now if it is left out.
    def preview_rules(din_uid, at: nil, caller: nil, anonymous: nil)
      @connection.get(subscription_path(din_uid, "rules", "preview"), { at: at, caller: caller, anonymous: anonymous })
    end

    def delete_rules(din_uid) = @connection.delete(subscription_path(din_uid, "rules"))
  end
end
