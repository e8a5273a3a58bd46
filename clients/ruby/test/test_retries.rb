# frozen_string_literal: true

require_relative "helper"

class TestRetries < ClientTest
  GOOD = SmallServer.answer(200, SmallServer.whole("it" => "came"))

  def busy(status = 429, after: nil, code: "throttled")
    SmallServer.answer(status, { detail: "Busy.", code: code }, headers: { "Retry-After" => after })
  end

  # Post once; return the waits, with the keys that were sent.
  def post(*answers, key: nil, **settings)
    @server.answers.replace(answers)
    @server.requests.clear
    waits = []
    begin
      patient(waits, **settings).post("/voice/dins/subscriptions/", { din_uid: "JP1" }, key)
    ensure
      @keys = @server.requests.map { |request| request.headers["idempotency-key"] }
      @waits = waits
    end
  end

  def test_a_busy_platform_is_asked_again_when_it_says
    assert_equal(SmallServer.whole("it" => "came"), post(busy(after: 2), busy(503, after: 3), GOOD))
    assert_equal [2, 3], @waits
  end

  def test_a_date_is_as_good_as_seconds
    post(busy(after: (Time.now + 10).httpdate), GOOD)
    assert_in_delta 9.5, @waits.first, 1
  end

  def test_every_try_has_the_same_key
    post(busy(after: 1), ->(socket) { socket.close }, GOOD)
    assert_equal 3, @keys.size
    assert_equal 1, @keys.uniq.size
    assert_match(/\A\h{8}(-\h{4}){3}-\h{12}\z/, @keys.first)
  end

  def test_every_request_has_a_key_of_its_own_unless_it_is_given
    post(GOOD)
    first = @keys
    post(GOOD)
    refute_equal first, @keys
    post(GOOD, key: "order-17")
    assert_equal ["order-17"], @keys
  end

  def test_a_key_that_no_header_can_hold_is_refused
    ["", " ", " a", "a\r\nX: y", "é", "x" * 256].each { |key| assert_raises(Offhook::InvalidArgument) { post(GOOD, key: key) } }
    assert_empty @server.requests
  end

  def test_three_tries_are_enough
    assert_raises(Offhook::Throttled) { post(*[busy(after: 1)] * 4) }
    assert_equal 3, @server.requests.size
    assert_equal [1, 1], @waits
  end

  def test_the_number_of_tries_can_be_set
    post(*[busy(after: 1)] * 4, GOOD, tries: 5)
    assert_equal 5, @server.requests.size
  end

  def test_nobody_waits_for_longer_than_allowed_in_all
    error = assert_raises(Offhook::Throttled) { post(busy(after: 20), busy(after: 11), GOOD) }
    assert_equal [20], @waits
    assert_equal 11, error.retry_after_s
    assert_raises(Offhook::Throttled) { post(busy(after: 31), GOOD) }
    assert_empty @waits
  end

  def test_a_broken_connection_is_tried_again_after_a_short_pause_that_grows
    post(->(socket) { socket.close }, ->(socket) { socket.close }, GOOD)
    assert_in_delta 0.5, @waits[0], 0.125
    assert_in_delta 1.0, @waits[1], 0.25
  end

  def test_without_a_retry_after_the_pause_is_short
    post(busy(503, after: "soon"), GOOD)
    assert_in_delta 0.5, @waits[0], 0.125
  end

  def test_a_page_of_a_proxy_that_says_503_is_tried_again
    post(SmallServer.answer(503, "<html>", type: "text/html", headers: { "Retry-After" => 1 }), GOOD)
    assert_equal [1], @waits
  end

  def test_a_first_try_that_is_still_at_work_is_waited_for
    post(busy(409, code: "idempotency-key-in-progress"), GOOD)
    assert_equal 1, @waits.size
  end

  def test_what_stays_as_it_is_is_not_tried_again
    [busy(409, code: "number-taken"), busy(404), busy(500), SmallServer.answer(502, "<html>")].each do |answer|
      assert_raises(Offhook::OffhookError) { post(answer, GOOD) }
      assert_empty @waits
    end
  end

  def test_other_methods_are_tried_again_too_and_have_no_key
    waits = []
    @server.answers.push(busy(after: 1), GOOD, busy(after: 1), GOOD, busy(after: 1), GOOD)
    connection = patient(waits)
    values = [connection.get("/account/"), connection.put("/x/rules/", {}), connection.delete("/x/rules/")]
    assert_equal [SmallServer.whole("it" => "came")] * 3, values
    assert_equal [1, 1, 1], waits
    assert(@server.requests.none? { |request| request.headers.key?("idempotency-key") })
  end
end
