# frozen_string_literal: true

require_relative "helper"

class TestPages < ClientTest
  def page(dins, link: nil)
    SmallServer.answer(200, dins.map { |din| SmallServer.whole("din" => din) }, headers: { "Link" => link })
  end

  def dins(list) = list.map { |number| number["din"] }

  def test_all_pages_are_read_in_order
    answering(page([1, 2], link: '<http://elsewhere/voice/dins/?limit=2&after=b%2Bc>; rel="next"'), page([3])) do |client|
      assert_equal [1, 2, 3], dins(client.get_din_list(limit: 2))
    end
    assert_equal %w[limit=2 limit=2&after=b%2Bc], @server.requests.map(&:query)
  end

  def test_a_page_is_asked_for_when_it_is_needed
    answering(page([1, 2], link: '<?after=2>; rel="next"')) { |client| assert_equal [1, 2], dins(client.get_din_list.first(2)) }
    assert_equal 1, @server.requests.size
  end

  def test_credentials_never_follow_a_link_to_another_host
    answering(page([1], link: '<http://thief.example/other/?after=1>; rel="next"'), page([2])) { |client| client.get_din_list.to_a }
    assert_equal ["/voice/dins/"] * 2, @server.requests.map(&:path)
  end

  def test_other_links_lead_nowhere
    answering(page([1], link: '<?before=1>; rel="prev", </docs>; rel=help')) { |client| assert_equal [1], dins(client.get_din_list) }
  end

  def test_the_next_link_is_found_among_others
    answering(page([1], link: '<?p=0>; rel="prev", <?p=2>; title="more"; rel="next"'), page([2])) do |client|
      assert_equal [1, 2], dins(client.get_din_list)
    end
    assert_equal "p=2", @server.requests.last.query
  end

  def test_a_page_that_leads_to_itself_is_no_loop
    again = page([1], link: '<?after=1>; rel="next"')
    answering(again, again, again) { |client| assert_raises(Offhook::UnexpectedAnswer) { client.get_din_list.to_a } }
    assert_equal 2, @server.requests.size
  end

  def test_a_link_that_cannot_be_read_is_told
    answering(page([1], link: '<?after=é>; rel="next"')) do |client|
      error = assert_raises(Offhook::UnexpectedAnswer) { client.get_din_list.to_a }
      assert_includes error.message, "a link to the next page"
    end
  end
end
